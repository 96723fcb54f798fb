/** Comments for which no lane is free right now: the most important first, each for a short time only. */

import type { Flight } from "../model";

/** Waiting longer would show a comment out of its moment. */
export const PATIENCE_MS = 1500;
export const MOST_WAITING = 64;

interface Waiter<T> {
  item: T;
  rank: number;
  since: number;
}

export class Waiting<T> {
  #waiters: Waiter<T>[] = [];

  get size(): number {
    return this.#waiters.length;
  }

  /** Lets an item wait; returns how many had to give up their place for it (0 or 1). */
  add(item: T, rank: number, now: number): number {
    const at = this.#waiters.findIndex((one) => one.rank <= rank); // the newest of a rank goes first
    this.#waiters.splice(at < 0 ? this.#waiters.length : at, 0, { item, rank, since: now });
    return this.#waiters.length > MOST_WAITING ? this.#waiters.splice(MOST_WAITING).length : 0;
  }

  /** Drops those who waited too long and returns how many. */
  expire(now: number): number {
    const before = this.#waiters.length;
    this.#waiters = this.#waiters.filter((one) => now - one.since <= PATIENCE_MS);
    return before - this.#waiters.length;
  }

  /** Offers the waiting, in order, until one is not taken. */
  drain(take: (item: T) => boolean): void {
    while (this.#waiters[0] && take(this.#waiters[0].item)) this.#waiters.shift();
  }

  remove(unwanted: (item: T) => boolean): void {
    this.#waiters = this.#waiters.filter((one) => !unwanted(one.item));
  }

  clear(): number {
    return this.#waiters.splice(0).length;
  }
}

/** Own before host before higher tiers. */
export function rank(flight: Flight): number {
  if (flight.mine) return 1000;
  return flight.host ? 500 : flight.user.tier;
}
