/** Which card is shown, and how long it has. Pure. */

import type { Card } from "../model";

/** How long the desk leaves a card open. */
export const LIFE_MS = 90_000;
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

/**
 * The card to show: the one that is shown stays until it is put away or missed, since somebody may be reading it out.
 * While it is `held` (pointer, focus, composer) it stays even when its time is over.
 */
export function current(cues: Card[], missed: Card[], shown: string | null, held: boolean): Card | null {
  const open = cues.find((card) => card.id === shown);
  if (open) return open;
  const over = held ? missed.find((card) => card.id === shown) : undefined;
  return over ?? inOrder(cues)[0] ?? null;
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
