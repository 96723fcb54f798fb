/** One attempt to check in: its key, kept until the receipt is here, and when it began. Pure but for its keeper. */

import type { Keep } from "../../shared/token";
import type { Receipt } from "../../shared/wire";

export interface Attempt {
  key: string;
  /** By the server's clock, as the page knew it. */
  since: number;
}

/** Reads a kept attempt, also one of a page that kept the key alone. */
export function readAttempt(text: string | null): Attempt | null {
  if (!text) return null;
  const [key = "", since = "0"] = text.split(" ");
  return key ? { key, since: Number(since) || 0 } : null;
}

export function writeAttempt({ key, since }: Attempt): string {
  return `${key} ${since}`;
}

/** The attempt under way, or a new one, kept. */
export function takeAttempt(keep: Keep, slot: string, now: number, random: () => string): Attempt {
  const attempt = readAttempt(keep.getItem(slot)) ?? { key: random(), since: now };
  keep.setItem(slot, writeAttempt(attempt));
  return attempt;
}

/** Whether the receipt is of a check-in that was there before this attempt: only then is it old news. */
export function isOld(receipt: Receipt, attempt: Attempt): boolean {
  return receipt.replayed && receipt.at < attempt.since;
}
