/** How the viewer's own standing changes: level, colours, points, medals and today's check-in. Pure, like the reducer. */

import type { Calendar, Card, PersonalEvent, Receipt, Style, TierChanged } from "../shared/wire";
import type { State } from "./model";

/** Notes in a draft that somebody, or the viewer himself where no user is named, has another level now. */
export function changeTier(draft: State, event: TierChanged): void {
  const { level, name, badge } = tierOf(event);
  if (event.user) draft.rows.push({ kind: "tier", key: event.id, user: event.user, tier: name || `Lv ${level}` });
  if (draft.me && (!event.user || event.user.id === draft.me.user.id))
    draft.me = {
      ...draft.me,
      user: { ...draft.me.user, tier: level },
      tier: { level, name, badge: badge ?? draft.me.tier.badge },
    };
}

function tierOf(event: TierChanged): { level: number; name: string; badge: string | undefined } {
  if (typeof event.tier === "object")
    return { level: event.tier.level, name: event.tier.name ?? "", badge: event.tier.badge };
  return { level: event.tier ?? event.user?.tier ?? 0, name: event.name ?? "", badge: undefined };
}

/** Applies one event that only the viewer was told. */
export function applyPersonal(state: State, event: PersonalEvent): State {
  switch (event.type) {
    case "membership.entitlements":
      return {
        ...state,
        styles: state.styles.map((style) => unlock(style, event.styles)),
        me: state.me && { ...state.me, entitlements: event },
      };
    case "membership.points_earned":
      return { ...state, me: state.me && { ...state.me, points: event.balance ?? state.me.points } };
    case "membership.medal_earned":
      return { ...state, me: state.me && { ...state.me, medals: withMedals(state.me.medals, [event.medal]) } };
    case "membership.tier_changed": {
      const draft = { ...state, rows: [...state.rows] };
      const { user: _user, ...own } = event; // the room's own event already tells everybody
      changeTier(draft, own);
      return draft;
    }
    default:
      return state; // the receipt already told checkin.rewarded
  }
}

function unlock(style: Style, allowed: string[] | undefined): Style {
  if (!allowed) return style;
  const { locked, ...open } = style;
  return allowed.includes(style.id) ? open : { ...open, locked: locked ?? {} };
}

/** The receipt is the only thing that turns today into a checked-in day. */
export function credit(state: State, receipt: Receipt): State {
  const { streak, best, total, balance, next, day, expires_at } = receipt;
  return {
    ...state,
    receipt,
    me: state.me && {
      ...state.me,
      points: balance,
      streak: { current: streak, best, total, done_today: true },
      medals: withMedals(state.me.medals, receipt.medals),
    },
    checkin: state.checkin && {
      ...state.checkin,
      day,
      done: true,
      current: streak,
      next,
      eligible_in: null,
      expires_at,
      month: markDone(state.checkin.month, receipt),
    },
  };
}

function markDone(calendar: Calendar, { day, streak, best, total, next }: Receipt): Calendar {
  if (!day.startsWith(calendar.month)) return calendar;
  const others = calendar.days.filter((one) => one.date !== day);
  const days = [...others, { date: day, kind: "done" as const }].sort((a, b) => a.date.localeCompare(b.date));
  return { ...calendar, days, current: streak, best, total, next };
}

/** A newer card: it tells when a new day has begun while the page was open. */
export function renew(state: State, card: Card): State {
  const { checkin } = state;
  if (!checkin || card.streak.done_today === checkin.done) return { ...state, me: card };
  const { done_today, current } = card.streak;
  return { ...state, me: card, checkin: { ...checkin, done: done_today, current, expires_at: null } };
}

function withMedals(held: unknown[], more: unknown[]): unknown[] {
  const ids = new Set(held.map(idOf));
  return [...held, ...more.filter((medal) => !ids.has(idOf(medal)))];
}

function idOf(medal: unknown): unknown {
  return typeof medal === "object" && medal !== null && "id" in medal ? medal.id : medal;
}
