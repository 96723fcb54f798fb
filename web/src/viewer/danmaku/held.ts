/** The one danmaku that the viewer holds still, by pointer, by a long press or by key. */

import { signal } from "@preact/signals";
import type { DanmakuLayer, Held } from "./layer";

export const held = signal<Held | null>(null);
/** It stays held although the pointer has left it: something is being done about it. */
export const kept = signal(false);

const LOOK_MS = 90;
const LEAVE_MS = 350;
const PRESS_MS = 450;
const MOVED_PX = 8;

let layer: DanmakuLayer | null = null;
let leaving = 0;

export function gripBy(made: DanmakuLayer): void {
  layer = made;
}

/** Holds the next one, for those who use keys. */
export function holdNext(step: 1 | -1): boolean {
  const next = layer?.holdNext(step) ?? null;
  held.value = next;
  kept.value = next !== null;
  return next !== null;
}

export function letGo(): void {
  clearTimeout(leaving);
  layer?.letGo();
  dropped();
}

/** The layer has let it go by itself. */
export function dropped(): void {
  held.value = null;
  kept.value = false;
}

/** Hears the pointer over the picture; returns how to stop hearing. */
export function hearPointer(stage: HTMLElement): () => void {
  let looked = 0;
  let press = 0;
  let from = { x: 0, y: 0 };
  const overMenu = (event: Event) =>
    event.target instanceof Element && event.target.closest(".held, button, a, input") !== null;
  const move = (event: PointerEvent) => {
    if (event.pointerType !== "mouse") {
      if (Math.hypot(event.clientX - from.x, event.clientY - from.y) > MOVED_PX) clearTimeout(press);
      return;
    }
    if (overMenu(event)) return clearTimeout(leaving);
    if (kept.value || event.timeStamp - looked < LOOK_MS) return;
    looked = event.timeStamp;
    if (held.value && within(stage, held.value, event)) return clearTimeout(leaving);
    if (held.value) return leaveSoon();
    held.value = layer?.holdAt(event.clientX, event.clientY) ?? null;
  };
  const down = (event: PointerEvent) => {
    if (overMenu(event)) return;
    if (event.pointerType === "mouse") {
      if (held.value && within(stage, held.value, event)) kept.value = true;
      else letGo();
      return;
    }
    letGo();
    from = { x: event.clientX, y: event.clientY };
    press = window.setTimeout(() => {
      held.value = layer?.holdAt(from.x, from.y) ?? null;
      kept.value = held.value !== null;
    }, PRESS_MS);
  };
  const up = () => clearTimeout(press);
  const leave = (event: PointerEvent) => {
    clearTimeout(press);
    if (event.pointerType === "mouse" && !kept.value) leaveSoon();
  };
  const menu = (event: Event) => held.value && event.preventDefault(); // the long press is ours
  const hears: [string, (event: never) => unknown][] = [
    ["pointermove", move],
    ["pointerdown", down],
    ["pointerup", up],
    ["pointercancel", up],
    ["pointerleave", leave],
    ["contextmenu", menu],
  ];
  for (const [name, hear] of hears) stage.addEventListener(name, hear as EventListener);
  return () => {
    for (const [name, hear] of hears) stage.removeEventListener(name, hear as EventListener);
    letGo();
  };
}

function leaveSoon(): void {
  clearTimeout(leaving);
  leaving = window.setTimeout(() => {
    if (!kept.value) letGo();
  }, LEAVE_MS);
}

/** Whether the pointer is on the held comment, or between it and its menu. */
function within(stage: HTMLElement, { left, top, width, height }: Held, event: MouseEvent): boolean {
  const place = stage.querySelector(".danmaku")?.getBoundingClientRect();
  if (!place) return false;
  const [x, y] = [event.clientX - place.left - left, event.clientY - place.top - top];
  return x >= -10 && x <= width + 10 && y >= -6 && y <= height + 14;
}
