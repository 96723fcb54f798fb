/** The list of what was said: how messages come into it, are answered, and are taken back. Pure, like the reducer. */

import type { Removed, Room, Said, SendReply, Style } from "../shared/wire";
import { worn } from "./member/medals";
import { type Effect, type Flight, KEPT_ROWS, type Row, type SaidRow, type Sending, type State, WHITE } from "./model";

/** Those who said what somebody did too, whose messages were taken back: nobody told their names. */
const SEVERAL = { id: "", name: "", tier: 0 };

/** The user id of a room's host, where it has one. */
export function hostId(room: Room | null): string | null {
  const host = room?.host ?? null;
  return typeof host === "object" ? (host?.id ?? null) : host;
}

export function isHost(room: Room | null, user: { id: string }): boolean {
  return hostId(room) === user.id;
}

export function append(rows: Row[], more: Row[]): Row[] {
  return [...rows, ...more].slice(-KEPT_ROWS);
}

export function toRow(state: State, event: Said): SaidRow {
  return {
    kind: "said",
    key: event.id,
    ids: [event.id, ...(event.merged ?? [])],
    ...(event.merged ? { led: { [event.id]: event.merged } } : {}),
    user: event.user,
    medal: event.medal,
    text: event.text,
    emote: event.emote ?? null,
    color: event.style?.color ?? WHITE,
    mine: event.user.id === state.me?.user.id,
    host: isHost(state.room, event.user),
    status: "shown",
    count: Math.max(1, event.count ?? 1),
  };
}

export function toFlight(row: SaidRow, style: { mode?: number; size?: number }): Flight {
  const { key: id, user, text, emote, color, count, mine, host } = row;
  return { id, user, text, emote, color, count, mine, host, mode: style.mode ?? 1, size: style.size ?? 25 };
}

/** Adds a message; it takes the place of my own unanswered one, and a repeat by the same person counts up. */
export function addSaid(rows: Row[], row: SaidRow): void {
  if (row.mine) {
    const waiting = rows.findIndex((one) => one.kind === "said" && one.status === "sending" && one.text === row.text);
    if (waiting >= 0) {
      rows.splice(waiting, 1, row);
      return;
    }
  }
  const last = rows.at(-1);
  if (last?.kind === "said" && last.status === "shown" && last.user.id === row.user.id && last.text === row.text)
    rows[rows.length - 1] = {
      ...last,
      count: last.count + row.count,
      ids: [...last.ids, ...row.ids].slice(-50),
      led: { ...last.led, ...row.led },
    };
  else rows.push(row);
}

export function addSending(state: State, { key, text, emote, color }: Sending): State {
  if (!state.me) return state;
  const user = state.me.user;
  const row: SaidRow = {
    kind: "said",
    key,
    ids: [key],
    user,
    medal: worn(state.me, state.checkin),
    text,
    emote,
    color,
    mine: true,
    host: isHost(state.room, user),
    status: "sending",
    count: 1,
  };
  return { ...state, rows: append(state.rows, [row]) };
}

/** What of a message is new to the list: my own share of it came with the reply. None where nothing is left. */
export function newShare(rows: Row[], row: SaidRow): SaidRow | null {
  if (!row.mine && row.ids.length === 1) return row;
  const mine = rows.flatMap((one) => (one.kind === "said" && one.mine ? one.ids : []));
  const [first, ...more] = row.ids.filter((id) => !mine.includes(id));
  if (first === undefined) return null;
  return more.length + 1 === row.ids.length
    ? row
    : { ...row, key: first, ids: [first, ...more], count: more.length + 1 };
}

/** The ids that a removal takes back: with a message go those that it was shown for, on their senders' pages too. */
export function takenBack(rows: Row[], { ids = [] }: Removed): string[] {
  const led = rows.flatMap((row) => (row.kind === "said" && row.led ? [row.led] : []));
  return [...new Set(ids.flatMap((id) => [id, ...led.flatMap((one) => one[id] ?? [])]))];
}

/** What a moderator took back leaves the list; the viewer's own messages stay and say so. */
export function removeSaid(rows: Row[], event: Removed): Row[] {
  const { user, merged = [] } = event;
  const gone = new Set([...takenBack(rows, event), ...merged]);
  return rows.flatMap((row): Row[] => {
    if (row.kind !== "said" || row.status === "sending") return [row];
    const his = row.user.id === user?.id;
    const others = Object.values(row.led ?? {}).flat();
    const said = his ? row.ids.filter((id) => others.includes(id)) : row.ids;
    const left = said.filter((id) => !gone.has(id));
    if (!his && left.length === said.length) return [row];
    if (left.length > 0)
      return [
        { ...row, ids: left, count: left.length, ...(his ? { user: SEVERAL, medal: undefined, mine: false } : {}) },
      ];
    return row.mine ? [{ ...row, status: "removed" }] : [];
  });
}

/** My message is decided: its row gets the room's id and style, and it flies unless the room's batch already brought it. */
export function settle(state: State, key: string, reply: SendReply): { state: State; effects: Effect[] } {
  const waiting = state.rows.find((row): row is SaidRow => row.kind === "said" && row.key === key);
  const brought = !waiting || state.rows.some((row) => row.kind === "said" && row.ids.includes(reply.id));
  const style = resolve(state.styles, reply.style);
  const decided: SaidRow | null = waiting
    ? {
        ...waiting,
        key: reply.id,
        ids: [reply.id],
        color: style.color,
        status: reply.status === "shed" ? "shed" : "shown",
      }
    : null;
  const rows = state.rows.flatMap((row): Row[] => (row !== waiting ? [row] : brought || !decided ? [] : [decided]));
  const next = tellDegraded({ ...state, rows }, reply, style.id);
  if (brought || !decided) return { state: next, effects: [] };
  return { state: next, effects: [{ kind: "fly", flight: toFlight(decided, style) }] };
}

/** A style that is not open any more is said once, not with every message. */
function tellDegraded(state: State, reply: SendReply, style: string): State {
  if (!reply.degraded) return state.degradedTo === null ? state : { ...state, degradedTo: null };
  if (state.degradedTo === style) return state;
  return {
    ...state,
    degradedTo: style,
    rows: append(state.rows, [{ kind: "degraded", key: `degraded-${reply.id}` }]),
  };
}

function resolve(styles: Style[], sent: SendReply["style"]): { id: string; color: number; mode: number; size: number } {
  const given = typeof sent === "string" ? { id: sent } : (sent ?? { id: "" });
  const known = styles.find((style) => style.id === given.id);
  return {
    id: given.id,
    color: ("color" in given ? given.color : undefined) ?? known?.color ?? WHITE,
    mode: ("mode" in given ? given.mode : undefined) ?? 1,
    size: ("size" in given ? given.size : undefined) ?? 25,
  };
}
