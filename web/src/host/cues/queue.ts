/** Which card is shown, and how long it has. Pure. */

import type { Card } from "../model";

/** How long the desk leaves a card open. */
export const LIFE_MS = 90_000;
/** Reading a card and saying it takes less. */
export const READING_MS = 20_000;
/** From here on the time that is left is called soon. */
export const SOON_MS = 10_000;

/** The most important first, then what ends sooner. */
export function inOrder(cards: Card[]): Card[] {
  const end = (card: Card) => card.expires_at ?? Number.POSITIVE_INFINITY;
  return [...cards].sort(
    (a, b) => b.priority - a.priority || compare(end(a), end(b)) || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0),
  );
}

function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Which card is shown, and since when (ms). */
export interface Shown {
  id: string;
  since: number;
}

/**
 * The card to show: the one that is shown stays until it is put away or missed. Only what matters more takes its place,
 * and not while it is read out, nor while it is `held` (pointer, focus, composer): then it stays even when its time is over.
 */
export function current(cues: Card[], missed: Card[], shown: Shown | null, held: boolean, now: number): Card | null {
  const first = inOrder(cues)[0] ?? null;
  const open = cues.find((card) => card.id === shown?.id);
  if (open && shown) {
    const overtaken = first !== null && first.priority > open.priority && now - shown.since >= READING_MS;
    return overtaken && !held ? first : open;
  }
  const over = held ? missed.find((card) => card.id === shown?.id) : undefined;
  return over ?? first;
}

/** Cards that wait behind the one shown. */
export function waiting(cues: Card[], shown: Card | null): Card[] {
  return inOrder(cues).filter((card) => card.id !== shown?.id);
}

export interface Left {
  ms: number;
  /** Of the ring, 0 to 1. */
  share: number;
  soon: boolean;
  over: boolean;
}

/** The time a card has left; null where it has no end. */
export function left(card: Card, now: number): Left | null {
  if (card.expires_at === null) return null;
  const ms = Math.max(0, card.expires_at - now);
  return { ms, share: Math.min(1, ms / LIFE_MS), soon: ms > 0 && ms <= SOON_MS, over: ms === 0 };
}
