/** What the server has said of itself while the page was open, and what follows from it: pure. */

import type { Exposition, Sample } from "./exposition";

export interface Readiness {
  ready: boolean;
  durability: "memory" | "local" | "replicated";
  store: "ok" | "away";
  rooms: number;
  connections: number;
  version: string;
}

/** One look at the server; `at` in ms. */
export interface Reading {
  at: number;
  readiness: Readiness;
  metrics: Exposition;
}

export interface Point {
  at: number;
  value: number;
}

export const EVERY_MS = 2_000;
export const WINDOW_MS = 600_000;
const MINUTE_MS = 60_000;

/** The history with a newer reading; what is older than the window is let go. */
export function withReading(history: readonly Reading[], reading: Reading): Reading[] {
  return [...history.filter(({ at }) => at > reading.at - WINDOW_MS && at < reading.at), reading];
}

/** The sum of a family at one moment, of the samples with these labels. */
export function total({ metrics }: Reading, name: string, labels: Record<string, string> = {}): number {
  let sum = 0;
  for (const sample of metrics.samples) if (sample.name === name && bears(sample, labels)) sum += sample.value;
  return sum;
}

function bears(sample: Sample, labels: Record<string, string>): boolean {
  return Object.entries(labels).every(([label, text]) => sample.labels[label] === text);
}

/** A family that says how things are, over time. */
export function levels(history: readonly Reading[], name: string): Point[] {
  return history.map((reading) => ({ at: reading.at, value: total(reading, name) }));
}

/** How much a family that only grows has grown a second, between one reading and the next. */
export function rates(history: readonly Reading[], name: string, labels: Record<string, string> = {}): Point[] {
  return history.slice(1).map((reading, index) => {
    const before = history[index] as Reading;
    const grown = growth(total(before, name, labels), total(reading, name, labels));
    return { at: reading.at, value: (grown * 1000) / (reading.at - before.at) };
  });
}

/** How much it has grown in the last minute, or since the page was opened. */
export function lately(history: readonly Reading[], name: string, labels: Record<string, string> = {}): number {
  const last = history.at(-1);
  if (!last) return 0;
  const recent = history.filter(({ at }) => at >= last.at - MINUTE_MS).map((one) => total(one, name, labels));
  return recent.slice(1).reduce((sum, value, index) => sum + growth(recent[index] ?? 0, value), 0);
}

/** A server that was started again counts from nothing. */
function growth(before: number, now: number): number {
  return now >= before ? now - before : now;
}
