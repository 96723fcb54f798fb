/** A look at the line before anybody sees: a picture is sent for a moment to the server, which shows it to nobody. */

import { signal } from "@preact/signals";
import type { Uplink } from "../../shared/media/uplink";
import { Publisher } from "../../shared/media/whip";
import { bearer, visit } from "../store";
import { devices, shown } from "./live";

const CHECK_MS = 3000;

/** Not asked for, under way, how the line is, or that nothing came of it. */
export const checked = signal<"off" | "running" | "failed" | Uplink>("off");

let timer: ReturnType<typeof setTimeout> | undefined;
let last: Uplink | null = null;

const publisher = new Publisher({
  url: `/whip/${encodeURIComponent(visit.room)}?check`,
  bearer,
  onCourse({ at }) {
    if (checked.value !== "running") return;
    if (at === "on") timer = setTimeout(end, CHECK_MS);
    else if (at === "over" || at === "waiting") end();
  },
  onUplink(now) {
    last = now;
  },
});

export function check(): void {
  last = null;
  checked.value = "running";
  publisher.start(devices.value?.getAudioTracks()[0] ?? null, shown.value);
}

function end(): void {
  checked.value = last ?? "failed";
  leave();
}

/** Sends nothing more. */
export function leave(): void {
  clearTimeout(timer);
  if (checked.value === "running") checked.value = "off";
  publisher.stop();
}
