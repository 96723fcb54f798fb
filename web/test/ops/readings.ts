import { readExposition } from "../../src/ops/exposition";
import type { Readiness, Reading } from "../../src/ops/reading";

export const START = 1_700_000_000_000;

const WELL: Readiness = { ready: true, durability: "local", store: "ok", rooms: 1, connections: 2, version: "1" };

/** What a server has said so many seconds after the start. */
export function reading(second: number, counters: string[] = [], readiness: Partial<Readiness> = {}): Reading {
  const text = counters.map((line) => `roomserver_${line}`).join("\n");
  return { at: START + second * 1000, readiness: { ...WELL, ...readiness }, metrics: readExposition(text) };
}
