/** How each message changes what the viewer knows of the room. Pure: no clock, no socket, no page. */

import type { Batch, Person, Room, RoomChanged, RoomEvent, Snapshot } from "../shared/wire";
import { type Effect, type Input, KEPT_ROWS, type State, type Step } from "./model";
import {
  addSaid,
  addSending,
  append,
  hostId,
  isHost,
  newShare,
  removeSaid,
  settle,
  takenBack,
  toFlight,
  toRow,
} from "./rows";
import { readShop } from "./shop/notice";
import { applyPersonal, changeTier, credit, follow, renew } from "./standing";

/** Applies one message. The caller has already left out events seen before. */
export function reduce(state: State, input: Input): Step {
  switch (input.kind) {
    case "joined":
      return {
        state: enter(state, input.snapshot, input.gap),
        effects: state.room === null ? ownEntrance(input.snapshot) : [],
      };
    case "batch":
      return applyBatch(state, input.batch);
    case "personal":
      return applyAll(state, input.events, applyPersonal);
    case "sending":
      return plain(addSending(state, input));
    case "sent":
      return settle(state, input.key, input.reply);
    case "unsent":
      return plain({ ...state, rows: state.rows.filter((row) => row.key !== input.key) });
    case "receipt":
      return plain(credit(state, input.receipt));
    case "card":
      return plain(renew(state, input.card));
    case "chosen":
      return plain({ ...state, me: state.me && { ...state.me, settings: input.settings } });
    case "month":
      return plain(follow(state, input.month));
    case "product":
      return plain({ ...state, product: input.product });
  }
}

function plain(state: State): Step {
  return { state, effects: [] };
}

function applyAll<E>(state: State, events: E[], apply: (draft: State, event: E, effects: Effect[]) => void): Step {
  const draft: State = { ...state, rows: [...state.rows] };
  const effects: Effect[] = [];
  for (const event of events) apply(draft, event, effects);
  if (draft.rows.length > KEPT_ROWS) draft.rows = draft.rows.slice(-KEPT_ROWS);
  return { state: draft, effects };
}

function enter(state: State, snapshot: Snapshot, gap: boolean): State {
  const { room, online, me, checkin, styles, emotes, likes, pinned, at, stage, media } = snapshot;
  const rows = gap ? append(state.rows, [{ kind: "gap", key: `gap-${at}` }]) : state.rows;
  return {
    ...state,
    room,
    online,
    me: me ?? null,
    checkin: checkin ?? null,
    styles: styles ?? [],
    emotes: emotes ?? [],
    likes: likes?.total ?? 0,
    pinned: list(pinned).map((one) => ({ ...one, id: one.id ?? `pinned-${one.pinned_until}` })),
    hostName: list(pinned).find((one) => isHost(room, one.by))?.by.name ?? keptName(state, room),
    rows,
    act: null,
    stage: stage ?? null,
    slots: media?.slots ?? null,
  };
}

/** The page plays the viewer's own entrance when he comes, and passes over it in the room's batches. */
function ownEntrance({ me, effects, at }: Snapshot): Effect[] {
  const effect = effects?.entrance;
  if (!me || !effect) return [];
  return [
    { kind: "entrance", entrance: { type: "effects.entered", id: "own", at, user: me.user, effect }, mine: true },
  ];
}

function list<T>(value: T[] | T | null | undefined): T[] {
  if (value === null || value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

function applyBatch(state: State, batch: Batch): Step {
  const step = applyAll(state, batch.events ?? [], applyEvent);
  step.state.online = batch.online ?? state.online;
  step.state.shed += Object.values(batch.shed ?? {}).reduce((sum, count) => sum + count, 0);
  return step;
}

/** Applies one event to a draft that nobody else holds yet; types of later versions are passed over. */
function applyEvent(draft: State, event: RoomEvent, effects: Effect[]): void {
  const mine = (person?: Person) => person !== undefined && person.id === draft.me?.user.id;
  switch (event.type) {
    case "danmaku.said": {
      if (isHost(draft.room, event.user)) draft.hostName = event.user.name;
      const row = newShare(draft.rows, toRow(draft, event));
      if (!row) break;
      addSaid(draft.rows, row);
      effects.push({ kind: "fly", flight: toFlight(row, event.style ?? {}) });
      break;
    }
    case "danmaku.removed":
      effects.push({ kind: "removed", ids: takenBack(draft.rows, event), user: event.user?.id ?? null });
      draft.rows = removeSaid(draft.rows, event);
      break;
    case "presence.entered":
      draft.joined = { users: event.sample ?? [], count: event.count };
      break;
    case "effects.entered":
      if (!mine(event.user)) effects.push({ kind: "entrance", entrance: event, mine: false });
      break;
    case "like.counted":
      draft.likes = event.total;
      effects.push({ kind: "liked", delta: event.delta });
      break;
    case "checkin.burst":
      draft.burst = event;
      break;
    case "checkin.milestone":
      draft.rows.push({ kind: "milestone", key: event.id, reached: event });
      effects.push({ kind: "milestone", reached: event, mine: mine(event.user) });
      break;
    case "checkin.excused": {
      const { first, last, reason } = event;
      draft.rows.push({ kind: "excused", key: event.id, first, last, reason });
      effects.push({ kind: "days" });
      break;
    }
    case "shoutout.shown":
      if (isHost(draft.room, event.by)) draft.hostName = event.by.name;
      draft.pinned = [event, ...draft.pinned.filter((one) => one.id !== event.id)].slice(0, 8);
      draft.rows.push({ kind: "shoutout", key: event.id, shoutout: event, mine: mine(event.to) });
      effects.push({ kind: "shoutout", shoutout: event, mine: mine(event.to) });
      break;
    case "host.called": {
      const { id: key, by, users } = event;
      if (isHost(draft.room, by)) draft.hostName = by.name;
      const called = { by, users, mine: users.some(mine) };
      if (called.mine) draft.called = { id: key, by, at: event.at };
      draft.rows.push({ kind: "called", key, ...called });
      effects.push({ kind: "called", ...called });
      break;
    }
    case "membership.tier_changed":
      changeTier(draft, event);
      break;
    case "room.changed":
      change(draft, event, effects);
      break;
    case "stage.changed":
      draft.stage = event;
      break;
    case "media.changed":
      draft.slots = event.slots;
      break;
    default:
      if (event.type.startsWith("app.")) show(draft, event);
  }
}

function show(draft: State, event: Extract<RoomEvent, { data: unknown }>): void {
  const shown = readShop(event);
  if (!shown) return;
  if (shown.product || !shown.notice) draft.product = shown.product;
  if (shown.notice) draft.rows.push({ kind: "shop", key: event.id, notice: shown.notice });
}

function change(draft: State, event: RoomChanged, effects: Effect[]): void {
  if (!draft.room) return;
  const room = changeRoom(draft.room, event);
  if (room.live !== draft.room.live) effects.push({ kind: "live", live: room.live });
  if (JSON.stringify(room.settings) !== JSON.stringify(draft.room.settings)) effects.push({ kind: "modes" });
  draft.hostName = keptName(draft, room);
  draft.room = room;
}

/** The host's name as it was known, unless another is the host now. */
function keptName(state: State, room: Room): string {
  return hostId(room) === hostId(state.room) ? state.hostName : "";
}

const FACE = ["title", "host", "live", "live_since", "schedule", "ended_at", "storage"] as const;
const DAYS = ["zone", "boundary", "language", "cadence", "live_minutes", "dwell_seconds"] as const;
const MODES = [
  "slow_seconds",
  "min_tier",
  "members_only",
  "emotes_only",
  "hosts_only",
  "frozen",
  "guests_speak",
] as const;

/** Only what changed is in the event; a stream that begins makes the last one's end forgotten. */
function changeRoom(room: Room, event: RoomChanged): Room {
  return {
    ...room,
    ...only(event, FACE),
    ...only(event, DAYS),
    ended_at: event.live ? null : event.ended_at === undefined ? room.ended_at : event.ended_at,
    settings: { ...room.settings, ...only(event, MODES) },
  };
}

function only<T extends object, K extends keyof T>(
  all: T,
  names: readonly K[],
): { [N in K]?: Exclude<T[N], undefined> } {
  return Object.fromEntries(names.flatMap((name) => (all[name] === undefined ? [] : [[name, all[name]]]))) as {
    [N in K]?: Exclude<T[N], undefined>;
  };
}
