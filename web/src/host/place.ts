import { signal } from "@preact/signals";

export type Place = "cues" | "chat" | "room" | "picture";

/** Which part of the console a narrow screen shows. */
export const place = signal<Place>("cues");

/** A dock of another program shows one part only: `?view=cues`, `?view=chat`. */
export function readView(address: URL): "cues" | "chat" | null {
  const view = address.searchParams.get("view");
  return view === "cues" || view === "chat" ? view : null;
}

export const view = readView(new URL(location.href));
