/** How each message changes what the host knows of his room. Pure: no clock, no socket, no page. */

import type { Batch, Person, Removed, Room, RoomChanged, RoomEvent, Said, Snapshot } from "../shared/wire";
import { type Card, type Effect, type Input, KEPT_MISSED, KEPT_ROWS, type Row, type State, type Step } from "./model";
import { counted, EMPTY_PACE, joinedPaces } from "./pace";
import type { Backstage, HostEvent, ModerationChanged, Sanction } from "./wire";

/** Applies one message. The caller has already left out events seen before. */
export function reduce(state: State, input: Input): Step {
  switch (input.kind) {
    case "joined":
      return plain(enter(state, input.snapshot, input.gap));
    case "before":
      return plain(before(state, input.events));
    case "batch":
      return plain(applyBatch(state, input.batch, input.now));
    case "backstage":
      return backstage(state, input.found);
    case "told":
      return told(state, input.events);
    case "own-cards":
      return plain({ ...state, cues: [...state.cues, ...input.cards] });
    case "gone":
      return plain(without(state, input.cue));
    case "settings":
      return plain({ ...state, room: state.room && { ...state.room, settings: input.settings } });
  }
}

function plain(state: State): Step {
  return { state, effects: [] };
}

function enter(state: State, snapshot: Snapshot, gap: boolean): State {
  const { room, online, me, likes, at, media, stage } = snapshot;
  const rows: Row[] = gap ? [...state.rows, { kind: "gap", key: `gap-${at}` }] : state.rows;
  return {
    ...state,
    room,
    online,
    rows,
    me: me?.user ?? null,
    likes: likes?.total ?? state.likes,
    slots: media?.slots ?? null,
    stage: stage ?? null,
  };
}

// --- what the room is told

function applyBatch(state: State, batch: Batch, now: number): State {
  const draft: State = { ...state, rows: [...state.rows], online: batch.online ?? state.online };
  const shed = batch.shed?.danmaku ?? 0;
  let said = shed;
  for (const event of batch.events ?? []) {
    if (event.type === "danmaku.said") said += event.count ?? 1;
    applyEvent(draft, event);
  }
  draft.shed += shed;
  draft.pace = counted(state.pace, said, now);
  draft.rows = draft.rows.slice(-KEPT_ROWS);
  return draft;
}

/** What was said before the page was opened comes before what it has heard itself; the room is as it is now. */
function before(state: State, events: RoomEvent[]): State {
  const draft: State = { ...state, rows: [], pace: EMPTY_PACE };
  for (const event of events) {
    applyEvent(draft, event);
    if (event.type === "danmaku.said") draft.pace = counted(draft.pace, event.count ?? 1, event.at);
  }
  const known = new Set(state.rows.map((row) => row.key));
  const earlier = draft.rows.filter((row) => !known.has(row.key));
  const { room, likes, today, stage } = state;
  return {
    ...draft,
    room,
    stage,
    likes,
    today,
    rows: [...earlier, ...state.rows].slice(-KEPT_ROWS),
    pace: joinedPaces(draft.pace, state.pace),
  };
}

function applyEvent(draft: State, event: RoomEvent): void {
  switch (event.type) {
    case "danmaku.said":
      draft.rows.push(toRow(draft.room, event));
      break;
    case "danmaku.removed":
      draft.rows = draft.rows.map((row) => withoutRemoved(row, event));
      break;
    case "like.counted":
      draft.likes = event.total;
      break;
    case "checkin.burst":
      draft.today = event.today;
      break;
    case "checkin.milestone":
      draft.rows.push({ kind: "milestone", key: event.id, reached: event });
      break;
    case "shoutout.shown":
      draft.rows.push({ kind: "shoutout", key: event.id, shoutout: event });
      draft.thanked = new Map(draft.thanked).set(event.to.id, event.at);
      break;
    case "host.called":
      draft.rows.push({ kind: "called", key: event.id, users: event.users });
      break;
    case "stage.changed":
      draft.stage = event;
      break;
    case "media.changed":
      draft.slots = event.slots;
      break;
    case "room.changed":
      draft.room = draft.room && changeRoom(draft.room, event);
      break;
  }
}

function toRow(room: Room | null, event: Said): Row {
  const { id, at, user, text, style } = event;
  const host = room !== null && hostId(room) === user.id;
  const { count = 1, merged } = event;
  const more = merged ? { merged } : {};
  return { kind: "said", key: id, at, user, text, color: style.color, host, count, ...more, removed: false };
}

/** A row that was taken back stays and says so; of those that it stands for, each that was counts one less. */
function withoutRemoved(row: Row, { ids, user, merged: his }: Removed): Row {
  if (row.kind !== "said") return row;
  if (user ? row.user.id === user.id : ids?.includes(row.key)) return { ...row, removed: true };
  const merged = row.merged?.filter((id) => !ids?.includes(id) && !his?.includes(id));
  if (!merged || merged.length === row.merged?.length) return row;
  return { ...row, merged, count: merged.length + 1 };
}

/** The user id of a room's host, where it has one. */
export function hostId(room: Room): string | null {
  return typeof room.host === "object" ? (room.host?.id ?? null) : room.host;
}

const SETTINGS = [
  "slow_seconds",
  "min_tier",
  "members_only",
  "emotes_only",
  "hosts_only",
  "frozen",
  "guests_speak",
] as const;
const FACTS = ["title", "host", "live", "live_since", "schedule", "ended_at", "storage"] as const;

function changeRoom(room: Room, event: RoomChanged): Room {
  const settings = { ...room.settings, ...picked(event, SETTINGS) };
  const facts = picked(event, FACTS);
  if (event.live) facts.ended_at = null;
  return { ...room, ...facts, settings };
}

/** Those of some fields that a message has. */
function picked(event: object, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(event).filter(([name]) => names.includes(name)));
}

// --- what only hosts are told

/** What the desk holds now; cards of the page's own stay. */
function backstage(state: State, found: Backstage): Step {
  const own = state.cues.filter(isOwn);
  const known = new Set(state.cues.map((card) => card.id));
  const fresh = found.cues.filter((card) => !known.has(card.id));
  return {
    state: {
      ...state,
      role: found.role,
      cues: [...found.cues, ...own],
      missed: found.missed.slice(-KEPT_MISSED),
      muted: found.muted,
      today: found.today,
      entrances: found.entrances,
    },
    effects: fresh.map((card) => ({ kind: "cue", card })),
  };
}

export function isOwn(card: Card): boolean {
  return card.kind === "call" || card.kind === "test";
}

function told(state: State, events: HostEvent[]): Step {
  const effects: Effect[] = [];
  const next = events.reduce((before, event) => applyHost(before, event, effects), state);
  return { state: next, effects };
}

function applyHost(state: State, event: HostEvent, effects: Effect[]): State {
  switch (event.type) {
    case "host.cue": {
      const { type: _type, at: _at, ...card } = event;
      if (state.cues.some((one) => one.id === card.id)) return state;
      effects.push({ kind: "cue", card });
      return { ...state, cues: [...state.cues, card] };
    }
    case "host.cue_closed":
      effects.push(event.by ? { kind: "taken", cue: event.cue, by: event.by } : { kind: "withdrawn", cue: event.cue });
      return without(state, event.cue);
    case "host.missed": {
      const ids = new Set(event.cues.map((card) => card.id));
      const earlier = state.missed.filter((card) => !ids.has(card.id));
      effects.push({ kind: "missed", count: event.cues.length });
      return {
        ...state,
        cues: state.cues.filter((card) => !ids.has(card.id)),
        missed: [...earlier, ...event.cues].slice(-KEPT_MISSED),
      };
    }
    case "moderation.changed":
      return sanctioned(state, event);
    default:
      return state; // of a later version
  }
}

function without(state: State, cue: string): State {
  const others = (cards: Card[]) => cards.filter((card) => card.id !== cue);
  return { ...state, cues: others(state.cues), missed: others(state.missed) };
}

function sanctioned(state: State, event: ModerationChanged): State {
  const { user, until = null, reason = null } = event;
  const given: Sanction = { user, until, reason };
  const rows: Row[] = [...state.rows, { kind: "done" as const, key: event.id, done: event }].slice(-KEPT_ROWS);
  const next = { ...state, rows };
  switch (event.kind) {
    case "mute":
      return { ...next, muted: [...others(state.muted, user), given] };
    case "unmute":
      return { ...next, muted: others(state.muted, user) };
    case "ban":
      return { ...next, banned: [...others(state.banned, user), given] };
    case "unban":
      return { ...next, banned: others(state.banned, user) };
    default:
      return next;
  }
}

function others(sanctions: Sanction[], user: Person): Sanction[] {
  return sanctions.filter((one) => one.user.id !== user.id);
}
