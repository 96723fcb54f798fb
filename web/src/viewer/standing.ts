/** How the viewer's own standing changes: level, colours, points, medals and today's check-in. Pure, like the reducer. */

import type {
  Calendar,
  Card,
  Entitlements,
  Medal,
  Moderated,
  NothingEarned,
  PersonalEvent,
  PointsEarned,
  Receipt,
  Style,
  TierChanged,
} from "../shared/wire";
import type { Effect, State, TierNews } from "./model";

const SCROLL = 1;

/** Notes in a draft that somebody, or the viewer himself where no user is named, has another level now. */
export function changeTier(draft: State, event: TierChanged): void {
  const { level, name, badge } = tierOf(event);
  const mine = !event.user || event.user.id === draft.me?.user.id;
  if (event.user) {
    const fell = event.from_tier !== undefined && event.from_tier > level;
    const row = { kind: "tier", key: event.id, user: event.user, level, tier: name || `Lv ${level}`, fell } as const;
    if (mine || !fell) draft.rows.push({ ...row, mine });
  }
  if (draft.me && mine)
    draft.me = {
      ...draft.me,
      user: { ...draft.me.user, tier: level },
      tier: { level, name, badge: badge ?? draft.me.tier.badge },
      will_downgrade: null,
    };
}

function tierOf(event: TierChanged): { level: number; name: string; badge: string | undefined } {
  if (typeof event.tier === "object")
    return { level: event.tier.level, name: event.tier.name ?? "", badge: event.tier.badge };
  return { level: event.tier ?? event.user?.tier ?? 0, name: event.name ?? "", badge: undefined };
}

/** Applies to a draft one event that only the viewer was told. */
export function applyPersonal(draft: State, event: PersonalEvent, effects: Effect[]): void {
  switch (event.type) {
    case "membership.entitlements":
      entitle(draft, event);
      break;
    case "membership.points_earned":
      if (draft.me) draft.me = earn(draft.me, event);
      noticeCheckIn(draft, event, effects);
      break;
    case "membership.nothing_earned":
      noticeCheckIn(draft, event, effects);
      break;
    case "membership.points_spent":
      if (draft.me) draft.me = { ...draft.me, points: event.balance };
      break;
    case "membership.medal_earned":
      if (draft.me) draft.me = { ...draft.me, medals: withMedals(draft.me.medals, [event.medal]) };
      break;
    case "membership.tier_changed": {
      const { user: _user, ...own } = event; // the room's own event already tells everybody
      changeTier(draft, own);
      break;
    }
    case "membership.will_downgrade": {
      const { tier, to, points_needed, by } = event;
      const warning = { tier, to, points_needed, by };
      if (draft.me) draft.me = { ...draft.me, will_downgrade: warning };
      draft.rows.push({ kind: "downgrade", key: event.id, warning });
      effects.push({ kind: "downgrade", warning });
      break;
    }
    case "membership.tier_kept":
      if (draft.me) draft.me = { ...draft.me, will_downgrade: null };
      tellStanding(draft, event, { kept: true, level: event.tier ?? null, until: event.until ?? null }, effects);
      break;
    case "moderation.changed":
      sanction(draft, event, effects);
      break;
    case "checkin.restored":
      draft.rows.push({ kind: "restored", key: event.id, length: event.length });
      effects.push({ kind: "days" });
      break;
    case "stage.invited":
      draft.invited = event;
      break;
    case "membership.tier_assigned": // whether it makes another tier, tier_changed tells
      tellStanding(draft, event, { kept: false, level: event.level ?? null, until: event.until ?? null }, effects);
      break;
    case "checkin.rewarded": // the receipt already told what was earned
      break;
  }
}

/** A check-in is told by what it earned, or that it earned nothing: where the receipt is not of this tab, it asks. */
function noticeCheckIn(draft: State, { reason, at }: PointsEarned | NothingEarned, effects: Effect[]): void {
  if (reason === "check-in" && at !== draft.receipt?.at) effects.push({ kind: "days", marked: true });
}

function tellStanding(draft: State, { id: key }: PersonalEvent, news: TierNews, effects: Effect[]): void {
  draft.rows.push({ kind: "standing", key, news });
  effects.push({ kind: "standing", news });
}

/** The newer of two versions counts; an older one may come late. */
function entitle(draft: State, event: Entitlements): void {
  if ((event.version ?? 0) < (draft.me?.entitlements?.version ?? 0)) return;
  draft.styles = draft.styles.map((style) => unlock(style, event));
  draft.emotes = draft.emotes.map((emote) => {
    const held = event.emotes?.includes(emote.id) || event.emotes?.includes(emote.pack);
    return event.emotes ? lock(emote, held ?? false) : emote;
  });
  const { version, styles, modes, emotes, effects, perks } = event;
  if (draft.me)
    draft.me = {
      ...draft.me,
      entitlements: clean({ ...draft.me.entitlements, version, styles, modes, emotes, effects, perks }),
    };
}

function clean(value: { [K in keyof Entitlements]: Entitlements[K] | undefined }): Entitlements {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Entitlements;
}

/** A style as these entitlements open it, in the ways that they grant. */
function unlock(style: Style, { styles, modes }: Entitlements): Style {
  if (!styles) return style;
  const open = lock(style, styles.includes(style.id));
  if (open.locked || !modes) return open;
  return { ...open, modes: [SCROLL, ...modes.filter((mode) => mode !== SCROLL)] };
}

function lock<T extends { locked?: { tier?: number } | null }>(one: T, held: boolean): T {
  if (!held) return { ...one, locked: one.locked ?? {} };
  const { locked: _locked, ...open } = one;
  return open as T;
}

function earn(me: Card, event: PointsEarned): Card {
  const more = event.qualifying ?? 0;
  return {
    ...me,
    points: event.balance ?? me.points,
    qualifying: me.qualifying + more,
    next_tier: me.next_tier && { ...me.next_tier, in: Math.max(0, me.next_tier.in - more) },
  };
}

function sanction(draft: State, event: Moderated, effects: Effect[]): void {
  if (event.user && draft.me && event.user.id !== draft.me.user.id) return;
  draft.act = event;
  if (draft.me && (event.kind === "mute" || event.kind === "unmute")) {
    const muted = event.kind === "mute" ? { until: event.until ?? null, reason: event.reason ?? null } : null;
    draft.me = { ...draft.me, muted };
  }
  effects.push({ kind: "act", act: event });
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

/** A month that was asked for; its numbers are those of now. */
export function follow(state: State, month: Calendar): State {
  const { current, next } = month;
  return { ...state, checkin: state.checkin && { ...state.checkin, current, next, month } };
}

/** A newer card: it tells when a new day has begun while the page was open. */
export function renew(state: State, card: Card): State {
  const { checkin } = state;
  const { done_today, current } = card.streak;
  if (!checkin) return { ...state, me: card };
  if (done_today === checkin.done) return { ...state, me: card, checkin: { ...checkin, current } };
  return { ...state, me: card, checkin: { ...checkin, done: done_today, current, expires_at: null } };
}

function withMedals(held: Medal[], more: Medal[]): Medal[] {
  const ids = new Set(held.map((medal) => medal.id));
  return [...held, ...more.filter((medal) => !ids.has(medal.id))];
}
