import { signal } from "@preact/signals";

/** What is open above the box: the looks of my messages, or the emotes. */
export const pen = signal<"style" | "emotes" | null>(null);

export function togglePen(what: "style" | "emotes"): void {
  pen.value = pen.value === what ? null : what;
}

/** Closes it and gives the focus back to the button that opened it. */
export function closePen(): void {
  const was = pen.value;
  pen.value = null;
  if (was) document.getElementById(`pen-${was}`)?.focus();
}
