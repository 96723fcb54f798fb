/** The server's clock as the page knows it, and a second hand for what counts down. */

import { signal } from "@preact/signals";

let offset = 0;

/** Sets the server's time, as a snapshot gave it just now. */
export function setServerTime(at: number): void {
  offset = at - Date.now();
  second.value = serverNow();
}

export function serverNow(): number {
  return Date.now() + offset;
}

/** The server's time in ms, renewed once a second while the page is visible. */
export const second = signal(Date.now());

setInterval(() => {
  if (!document.hidden) second.value = serverNow();
}, 1000);
