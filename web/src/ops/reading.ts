/** One look at the server: pure. */

import type { Exposition, Sample } from "./exposition";

export interface Readiness {
  ready: boolean;
  durability: "memory" | "local" | "replicated";
  store: "ok" | "away";
  rooms: number;
  connections: number;
  version: string;
}

/** What it said of itself; `at` in ms. */
export interface Reading {
  at: number;
  readiness: Readiness;
  metrics: Exposition;
}

/**
 * loading: not asked yet; open: it answers; locked: it wants the operator's key; wrong: it does not take that one;
 * wait: too many wrong ones came from here; elsewhere: this listener does not say; silent: it does not answer.
 */
export type Standing = "loading" | "open" | "locked" | "wrong" | "wait" | "elsewhere" | "silent";

export const EVERY_MS = 2_000;

/** The sum of a family at one moment, of the samples with these labels. */
export function total({ metrics }: Reading, name: string, labels: Record<string, string> = {}): number {
  let sum = 0;
  for (const sample of metrics.samples) if (sample.name === name && bears(sample, labels)) sum += sample.value;
  return sum;
}

function bears(sample: Sample, labels: Record<string, string>): boolean {
  return Object.entries(labels).every(([label, text]) => sample.labels[label] === text);
}

/** By how much a sum has grown; a server that was started again counts from nothing. */
export function growth(before: number, now: number): number {
  return now >= before ? now - before : now;
}
