/** What the server has said of itself while the page was open: pure. */

import { type Look, lookAt } from "./figures";
import { growth, type Reading } from "./reading";

/** All that was said in the last minute; of what is older the figures only, as one reading may be large. */
export interface History {
  recent: readonly Reading[];
  course: readonly Look[];
}

export const WINDOW_MS = 600_000;
const MINUTE_MS = 60_000;
export const NOTHING: History = { recent: [], course: [] };

/** The history with a newer reading; once the clock was set back, nobody knows how long ago the older ones are. */
export function withReading(history: History, reading: Reading): History {
  const { recent, course } = (history.recent.at(-1)?.at ?? 0) > reading.at ? NOTHING : history;
  return {
    recent: [...within(recent, reading.at, MINUTE_MS), reading],
    course: [...within(course, reading.at, WINDOW_MS), lookAt(reading)],
  };
}

function within<T extends { at: number }>(ones: readonly T[], now: number, ms: number): T[] {
  return ones.filter(({ at }) => at >= now - ms && at < now);
}

/** How much each sample has grown in the last minute, or since the page was opened, by its key. */
export function lately({ recent }: History): Map<string, number> {
  const grown = new Map<string, number>();
  let before: Map<string, number> | null = null;
  for (const { metrics } of recent) {
    const now = new Map(metrics.samples.map(({ key, value }) => [key, value]));
    if (before)
      for (const [key, value] of now) grown.set(key, (grown.get(key) ?? 0) + growth(before.get(key) ?? 0, value));
    before = now;
  }
  return grown;
}
