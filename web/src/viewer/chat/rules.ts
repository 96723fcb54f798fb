/** Who may write now, and why not: the room's modes and what moderators did, in the order in which the server looks. Pure. */

import type { Card, RoomSettings } from "../../shared/wire";

export type Bar =
  | { why: "muted"; until: number | null; reason: string }
  | { why: "hosts_only" }
  | { why: "tier"; least: number }
  | { why: "frozen" }
  | { why: "emotes_only" }
  | null;

export interface Speaker {
  /** Host or moderator: no mode binds them. */
  staff: boolean;
  tier: number;
  muted: Card["muted"];
}

/** Why this speaker may not send a text now, or null; a mute that has ended binds nobody. */
export function barFor({ staff, tier, muted }: Speaker, rules: RoomSettings, now: number): Bar {
  if (muted && (muted.until === null || muted.until > now))
    return { why: "muted", until: muted.until, reason: muted.reason ?? "" };
  if (staff) return null;
  if (rules.hosts_only) return { why: "hosts_only" };
  const least = Math.max(rules.min_tier ?? 0, rules.members_only ? 1 : 0);
  if (tier < least) return { why: "tier", least };
  if (rules.frozen) return { why: "frozen" };
  return rules.emotes_only ? { why: "emotes_only" } : null;
}

/** The page's clock runs behind the server's by as long as a message takes. */
const SLACK_MS = 2000;

/** Minutes of a mute that are left, at least one. */
export function minutesLeft(until: number, now: number): number {
  return Math.max(1, Math.ceil((until - now - SLACK_MS) / 60_000));
}

/** When one may write again after having written: slow mode binds all but host and moderators. */
export function openAfter(now: number, staff: boolean, rules: RoomSettings): number {
  return staff ? 0 : now + 1000 * (rules.slow_seconds ?? 0);
}
