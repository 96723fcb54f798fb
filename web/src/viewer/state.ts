/** How each message changes what the viewer knows of the room. Pure: no clock, no socket, no page. */

import type { Batch, Person, Room, RoomChanged, RoomEvent, Said, SendReply, Snapshot, Style } from "../shared/wire";
import {
  type Effect,
  type Flight,
  type Input,
  KEPT_ROWS,
  type Row,
  type SaidRow,
  type State,
  type Step,
  WHITE,
} from "./model";
import { applyPersonal, changeTier, credit, renew } from "./standing";

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
      return plain(input.events.reduce(applyPersonal, state));
    case "sending":
      return plain(addSending(state, input.key, input.text, input.color));
    case "sent":
      return settle(state, input.key, input.reply);
    case "unsent":
      return plain({ ...state, rows: state.rows.filter((row) => row.key !== input.key) });
    case "receipt":
      return plain(credit(state, input.receipt));
    case "card":
      return plain(renew(state, input.card));
    case "month":
      return plain({ ...state, checkin: state.checkin && { ...state.checkin, month: input.month } });
  }
}

function plain(state: State): Step {
  return { state, effects: [] };
}

function enter(state: State, snapshot: Snapshot, gap: boolean): State {
  const { room, online, me, checkin, styles, pinned, at } = snapshot;
  const rows = gap ? append(state.rows, [{ kind: "gap", key: `gap-${at}` }]) : state.rows;
  return {
    ...state,
    room,
    online,
    me: me ?? null,
    checkin: checkin ?? null,
    styles: styles ?? [],
    pinned: list(pinned).map((one) => ({ ...one, id: one.id ?? `pinned-${one.pinned_until}` })),
    hostName: list(pinned).find((one) => isHost(room, one.by))?.by.name ?? keptName(state, room),
    rows,
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

function append(rows: Row[], more: Row[]): Row[] {
  return [...rows, ...more].slice(-KEPT_ROWS);
}

function applyBatch(state: State, batch: Batch): Step {
  const draft: State = { ...state, rows: [...state.rows], online: batch.online ?? state.online };
  draft.shed += Object.values(batch.shed ?? {}).reduce((sum, count) => sum + count, 0);
  const effects: Effect[] = [];
  for (const event of batch.events ?? []) applyEvent(draft, event, effects);
  if (draft.rows.length > KEPT_ROWS) draft.rows = draft.rows.slice(-KEPT_ROWS);
  return { state: draft, effects };
}

/** Applies one event to a draft that nobody else holds yet; types of later versions are passed over. */
function applyEvent(draft: State, event: RoomEvent, effects: Effect[]): void {
  const mine = (person?: Person) => person !== undefined && person.id === draft.me?.user.id;
  switch (event.type) {
    case "danmaku.said":
      if (isHost(draft.room, event.user)) draft.hostName = event.user.name;
      addSaid(draft.rows, toRow(draft, event));
      effects.push({ kind: "fly", flight: toFlight(draft, event) });
      break;
    case "presence.entered":
      draft.joined = { users: event.sample ?? [], count: event.count };
      break;
    case "effects.entered":
      if (!mine(event.user)) effects.push({ kind: "entrance", entrance: event, mine: false });
      break;
    case "checkin.burst":
      draft.burst = event;
      break;
    case "checkin.milestone":
      draft.rows.push({ kind: "milestone", key: event.id, reached: event });
      effects.push({ kind: "milestone", reached: event, mine: mine(event.user) });
      break;
    case "shoutout.shown":
      if (isHost(draft.room, event.by)) draft.hostName = event.by.name;
      draft.pinned = [event, ...draft.pinned.filter((one) => one.id !== event.id)].slice(0, 8);
      draft.rows.push({ kind: "shoutout", key: event.id, shoutout: event });
      effects.push({ kind: "shoutout", shoutout: event, mine: mine(event.to) });
      break;
    case "membership.tier_changed":
      changeTier(draft, event);
      break;
    case "room.changed":
      if (draft.room) {
        const room = changeRoom(draft.room, event);
        draft.hostName = keptName(draft, room);
        draft.room = room;
      }
      break;
  }
}

function toRow(state: State, event: Said): SaidRow {
  return {
    kind: "said",
    key: event.id,
    user: event.user,
    text: event.text,
    color: event.style?.color ?? WHITE,
    mine: event.user.id === state.me?.user.id,
    host: isHost(state.room, event.user),
    status: "shown",
    count: 1,
  };
}

function toFlight(state: State, event: Said): Flight {
  return {
    id: event.id,
    text: event.text,
    color: event.style?.color ?? WHITE,
    mode: event.style?.mode ?? 1,
    size: event.style?.size ?? 25,
    mine: event.user.id === state.me?.user.id,
    host: isHost(state.room, event.user),
    tier: event.user.tier ?? 0,
  };
}

/** The user id of a room's host, where it has one. */
export function hostId(room: Room | null): string | null {
  const host = room?.host ?? null;
  return typeof host === "object" ? (host?.id ?? null) : host;
}

function isHost(room: Room | null, user: Person): boolean {
  return hostId(room) === user.id;
}

/** The host's name as it was known, unless another is the host now. */
function keptName(state: State, room: Room): string {
  return hostId(room) === hostId(state.room) ? state.hostName : "";
}

/** Adds a message; it takes the place of my own unanswered one, and a repeat by the same person counts up. */
function addSaid(rows: Row[], row: SaidRow): void {
  if (row.mine) {
    const waiting = rows.findIndex((one) => one.kind === "said" && one.status === "sending" && one.text === row.text);
    if (waiting >= 0) {
      rows.splice(waiting, 1, row);
      return;
    }
  }
  const last = rows.at(-1);
  if (last?.kind === "said" && last.status === "shown" && last.user.id === row.user.id && last.text === row.text)
    rows[rows.length - 1] = { ...last, count: last.count + 1 };
  else rows.push(row);
}

function changeRoom(room: Room, event: RoomChanged): Room {
  const { type: _type, id: _id, at: _at, live, schedule, ended_at, storage, title, host, ...rest } = event;
  const { zone: _zone, boundary: _boundary, ...settings } = rest;
  return {
    ...room,
    live: live ?? room.live,
    schedule: schedule === undefined ? room.schedule : schedule,
    ended_at: live ? null : ended_at === undefined ? room.ended_at : ended_at,
    host: host === undefined ? room.host : host,
    storage: storage ?? room.storage,
    title: title ?? room.title,
    settings: { ...room.settings, ...settings },
  };
}

function addSending(state: State, key: string, text: string, color: number): State {
  if (!state.me) return state;
  const user = state.me.user;
  const row: SaidRow = {
    kind: "said",
    key,
    user,
    text,
    color,
    mine: true,
    host: isHost(state.room, user),
    status: "sending",
    count: 1,
  };
  return { ...state, rows: append(state.rows, [row]) };
}

/** My message is decided: its row gets the room's id and style, and it flies unless the room's batch already brought it. */
function settle(state: State, key: string, reply: SendReply): Step {
  const waiting = state.rows.find((row): row is SaidRow => row.kind === "said" && row.key === key);
  const brought = !waiting || state.rows.some((row) => row.key === reply.id);
  const style = resolve(state.styles, reply.style);
  const status: SaidRow["status"] = reply.status === "shed" ? "shed" : "shown";
  let rows = brought
    ? state.rows.filter((row) => row !== waiting)
    : state.rows.map((row) => (row === waiting ? { ...waiting, key: reply.id, color: style.color, status } : row));
  if (reply.degraded) rows = append(rows, [{ kind: "degraded", key: `degraded-${reply.id}` }]);
  const next = { ...state, rows };
  if (brought) return plain(next);
  const { text, host, user } = waiting;
  return {
    state: next,
    effects: [{ kind: "fly", flight: { id: reply.id, text, ...style, mine: true, host, tier: user.tier } }],
  };
}

function resolve(styles: Style[], sent: SendReply["style"]): { color: number; mode: number; size: number } {
  const given = typeof sent === "string" ? { id: sent } : (sent ?? {});
  const known = styles.find((style) => style.id === given.id);
  return {
    color: ("color" in given ? given.color : undefined) ?? known?.color ?? WHITE,
    mode: ("mode" in given ? given.mode : undefined) ?? 1,
    size: ("size" in given ? given.size : undefined) ?? 25,
  };
}
