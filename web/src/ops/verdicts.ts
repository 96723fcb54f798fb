/** How the server is, in a few sentences: pure. */

import { type Reading, total } from "./reading";

export type Grade = "good" | "warn" | "bad";

/** One sentence: `about` and `state` name its words. */
export interface Verdict {
  about: "ready" | "store" | "worth" | "load" | "never";
  state: string;
  grade: Grade;
}

/** From so many seconds on a Change waits longer for the store than it should. */
const SLOW_STORE = 0.25;

/** What must never be counted. */
export const NEVER = [
  "conservation_violations_total",
  "failed_total",
  "store_losses_total",
  "rows_unreadable_total",
  "webhooks_lost_total",
  "audit_unwritten_total",
] as const;

export function verdicts(reading: Reading): Verdict[] {
  return [ready(reading), store(reading), worth(reading), load(reading), never(reading)];
}

/** What has become bad since a reading. */
export function worse(before: Reading, now: Reading): Verdict[] {
  const bad = new Set(verdicts(before).flatMap(({ about, grade }) => (grade === "bad" ? [about] : [])));
  return verdicts(now).filter(({ about, grade }) => grade === "bad" && !bad.has(about));
}

function ready({ readiness }: Reading): Verdict {
  return readiness.ready
    ? { about: "ready", state: "yes", grade: "good" }
    : { about: "ready", state: "no", grade: "warn" };
}

function store(reading: Reading): Verdict {
  if (reading.readiness.store === "away") return { about: "store", state: "away", grade: "bad" };
  return total(reading, "commit_wait_seconds") > SLOW_STORE
    ? { about: "store", state: "slow", grade: "warn" }
    : { about: "store", state: "ok", grade: "good" };
}

function worth({ readiness }: Reading): Verdict {
  const { durability } = readiness;
  return { about: "worth", state: durability, grade: durability === "memory" ? "warn" : "good" };
}

function load(reading: Reading): Verdict {
  const step = Math.min(3, total(reading, "load_step"));
  return { about: "load", state: String(step), grade: step === 0 ? "good" : step === 1 ? "warn" : "bad" };
}

function never(reading: Reading): Verdict {
  const met = NEVER.some((name) => total(reading, name) > 0);
  return met ? { about: "never", state: "met", grade: "bad" } : { about: "never", state: "none", grade: "good" };
}
