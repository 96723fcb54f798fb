/** The one voice of the page for screen readers: bounded, at most one text every two seconds, never read twice. */

import { settings } from "./settings";

const PAUSE_MS = 2000;
const SHOWN_MS = 5000;
const MOST = 20;

const queue: { text: string; urgent: boolean }[] = [];
let busy = false;

/** Says a text; `important` ones also where the viewer wants to hear little, `urgent` ones at once. */
export function announce(text: string, { important = true, urgent = false } = {}): void {
  const level = settings.value.announce;
  if (level === "off" || (level === "important" && !important && !urgent)) return;
  if (queue.length >= MOST) queue.shift();
  queue.push({ text, urgent });
  if (!busy) sayNext();
}

function sayNext(): void {
  const next = queue.shift();
  busy = next !== undefined;
  if (!next) return;
  const node = document.createElement("p");
  node.textContent = next.text;
  document.getElementById(next.urgent ? "assertive" : "polite")?.append(node);
  setTimeout(() => node.remove(), SHOWN_MS);
  setTimeout(() => setTimeout(sayNext, PAUSE_MS)); // from when it is heard: what else is done now comes before
}
