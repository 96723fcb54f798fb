/** One comment in the picture: its node, which is used again, and its motion, which the compositor does. */

import type { Flight } from "../model";

/** From so many on a count is shown. */
const WORTH_COUNTING = 3;

export interface Flying {
  node: HTMLElement;
  count: HTMLElement;
  text: HTMLElement;
  flight: Flight | null;
  key: string;
  times: number;
  since: number;
  lane: number;
  motion: Animation | null;
}

export function isScrolling({ flight }: Flying): boolean {
  return flight?.mode !== 4 && flight?.mode !== 5;
}

export function showTimes(flying: Flying): void {
  flying.count.textContent = flying.times >= WORTH_COUNTING ? `×${flying.times}` : "";
}

/** Stops an animation where it is at this moment, whenever the next frame comes. */
export function hold(motion: Animation | null, now: number): void {
  if (!motion) return;
  const at = now - Number(motion.startTime ?? now);
  motion.pause();
  motion.currentTime = at;
}

/** Lets an animation go on from where it was held. */
export function release(motion: Animation | null, now: number): void {
  if (!motion) return;
  const at = Number(motion.currentTime ?? 0);
  motion.play();
  motion.startTime = now - at;
}

export function makeNode(): Flying {
  const node = document.createElement("div");
  const text = document.createElement("span");
  const count = document.createElement("b");
  node.dataset.testid = "danmaku";
  node.append(text, count);
  return { node, text, count, flight: null, key: "", times: 1, since: 0, lane: 0, motion: null };
}
