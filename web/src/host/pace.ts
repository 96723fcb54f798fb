/** How lively the chat is: messages by slots of ten seconds, for the last quarter of an hour. */

const SLOT_MS = 10_000;
const MINUTE_MS = 60_000;
export const KEPT_MINUTES = 15;

export interface Pace {
  /** Counts by the number of their slot, oldest first. */
  slots: readonly (readonly [slot: number, count: number])[];
}

export const EMPTY_PACE: Pace = { slots: [] };

/** Adds messages of an instant (ms), and forgets what is too old. */
export function counted(pace: Pace, count: number, now: number): Pace {
  if (count === 0) return pace;
  const slot = Math.floor(now / SLOT_MS);
  const oldest = slot - (KEPT_MINUTES * MINUTE_MS) / SLOT_MS;
  const kept = pace.slots.filter(([one]) => one > oldest);
  const last = kept.at(-1);
  if (last?.[0] === slot) return { slots: [...kept.slice(0, -1), [slot, last[1] + count]] };
  return { slots: [...kept, [slot, count]] };
}

/** What two pages of an evening counted, the earlier one first. */
export function joinedPaces(earlier: Pace, later: Pace): Pace {
  const first = later.slots[0];
  const last = earlier.slots.at(-1);
  if (!first || !last || last[0] < first[0]) return { slots: [...earlier.slots, ...later.slots] };
  const kept = earlier.slots.filter(([slot]) => slot < first[0]);
  const shared = earlier.slots.filter(([slot]) => slot === first[0]).reduce((sum, [, count]) => sum + count, 0);
  return { slots: [...kept, [first[0], first[1] + shared], ...later.slots.slice(1)] };
}

/** Messages in the minute before an instant. */
export function perMinute(pace: Pace, now: number): number {
  return between(pace, now - MINUTE_MS, now);
}

/** Messages of each of the last minutes, the present one last. */
export function minutes(pace: Pace, now: number, count = KEPT_MINUTES): number[] {
  return Array.from({ length: count }, (_, index) => {
    const end = now - (count - 1 - index) * MINUTE_MS;
    return between(pace, end - MINUTE_MS, end);
  });
}

function between(pace: Pace, after: number, until: number): number {
  const [first, last] = [Math.floor(after / SLOT_MS), Math.floor(until / SLOT_MS)];
  return pace.slots.reduce((sum, [slot, count]) => sum + (slot > first && slot <= last ? count : 0), 0);
}
