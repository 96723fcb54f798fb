/** Whether a stream that is watched is alive, and whether there is something to be seen. Pure: told the counts and the time. */

/** What has come in since the connection was made. */
export interface Counts {
  /** Of the first slot's picture, decoded. */
  frames: number;
  /** Of the first slot's sound. */
  packets: number;
}

/** The instants are of the page's clock, in ms. */
export interface Flow extends Counts {
  movedAt: number;
  heardAt: number;
  /** False while there is sound alone: the sender's camera is off, or has not come in yet. */
  pictured: boolean;
}

/** Without a new frame for so long it is frozen, or there is no picture. */
export const FROZEN_MS = 3000;

export function fresh(now: number): Flow {
  return { frames: 0, packets: 0, movedAt: now, heardAt: Number.NEGATIVE_INFINITY, pictured: true };
}

/** After another look; `still`: it is right that nothing moves, as on a page that nobody sees. */
export function flowed(before: Flow, seen: Counts, now: number, still: boolean): Flow {
  const moved = seen.frames > before.frames;
  const movedAt = moved || still ? now : before.movedAt;
  const heardAt = seen.packets > before.packets ? now : before.heardAt;
  const bare = now - movedAt > FROZEN_MS && now - heardAt <= FROZEN_MS;
  return { ...seen, movedAt, heardAt, pictured: moved || (before.pictured && !bare) };
}

/** Since when nothing at all has come: who is heard is not lost. */
export function aliveAt(flow: Flow): number {
  return Math.max(flow.movedAt, flow.heardAt);
}
