/** The one place where messages become what the page shows: connection → reducer → signals. Views only read signals. */

import { batch, computed, signal } from "@preact/signals";
import { announce } from "../shared/announce";
import { arrive, SOCKET } from "../shared/arrival";
import { serverNow, setServerTime } from "../shared/clock";
import { Connection, type Link } from "../shared/connection";
import { moment, words } from "../shared/i18n";
import { roleIn } from "../shared/role";
import { Seen } from "../shared/seen";
import { VIEWER } from "../shared/token";
import { loadParts } from "../shared/ui/lazy";
import type { Batch, PersonalEvent, Snapshot } from "../shared/wire";
import { medalsOf } from "./member/medals";
import { type Effect, EMPTY, type Input, type State, type TierNews } from "./model";
import { hostId } from "./rows";
import { reduce } from "./state";

/** The version of the wire this page was built for. */
const WIRE = 1;

const state = signal<State>(EMPTY);
export const link = signal<Link>({ state: "loading" });
/** The connection lost messages that it could not get back; until the viewer has had time to read so. */
export const gapShown = signal(false);
export const tooOld = signal(false);
/** Messages that found no room over the picture, since the page opened. */
export const unflown = signal(0);

export const room = computed(() => state.value.room);
export const online = computed(() => state.value.online);
export const me = computed(() => state.value.me);
export const checkin = computed(() => state.value.checkin);
export const medals = computed(() => medalsOf(state.value.checkin?.ladder ?? []));
export const styles = computed(() => state.value.styles);
export const emotes = computed(() => state.value.emotes);
export const pinned = computed(() => state.value.pinned);
export const rows = computed(() => state.value.rows);
export const joined = computed(() => state.value.joined);
export const burst = computed(() => state.value.burst);
export const shed = computed(() => state.value.shed);
export const receipt = computed(() => state.value.receipt);
export const likes = computed(() => state.value.likes);
export const product = computed(() => state.value.product);
export const called = computed(() => state.value.called);
export const act = computed(() => state.value.act);
export const slots = computed(() => state.value.slots);
export const stage = computed(() => state.value.stage);
export const invited = computed(() => state.value.invited);

export const isGuest = computed(
  () => state.value.room !== null && (me.value === null || me.value.user.id.startsWith("guest-")),
);
const role = signal<"host" | "moderator" | null>(null);
/** Whether the viewer is the room's host or a moderator, whom its modes do not bind. */
export const isStaff = computed(
  () => role.value !== null || (me.value !== null && me.value.user.id === hostId(room.value)),
);
export const ready = computed(() => link.value.state === "open" && state.value.room !== null);
/** Who hosts the room; the name is empty until somebody has said it. */
export const host = computed(() => {
  const known = room.value?.host;
  const name = typeof known === "object" && known !== null ? known.name : state.value.hostName;
  return { id: hostId(room.value) ?? "", name };
});

const seen = new Seen();
const listeners = new Set<(effects: Effect[]) => void>();

/** Hears what is to be done once (flights, entrances); returns how to stop hearing. */
export function onEffects(listener: (effects: Effect[]) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function dispatch(input: Input): void {
  const step = reduce(state.value, input);
  batch(() => {
    state.value = step.state;
  });
  if (step.effects.length === 0) return;
  for (const effect of step.effects) tell(effect);
  for (const listener of listeners) listener(step.effects);
}

/** What became of the viewer's level, in words. */
export function standingText({ kept, level, until }: TierNews): string {
  const t = words.value;
  const when = until === null ? "" : moment(until, serverNow());
  if (level === null) return t.tierTakenBack;
  return kept ? t.tierKept(level, when) : t.tierGiven(level, when);
}

/** What a screen reader hears of the room beside the viewer's own results. */
function tell(effect: Effect): void {
  const t = words.value;
  if (effect.kind === "shoutout") {
    const { by, to, text } = effect.shoutout;
    announce(`${t.shoutFrom(by.name)} ${to.name}: ${text}`, { urgent: effect.mine });
  } else if (effect.kind === "called") {
    const names = effect.users.map((user) => user.name).join(t.comma);
    announce(effect.mine ? t.callsYou(effect.by.name) : `${t.calls(effect.by.name)} ${names}`, { urgent: effect.mine });
  } else if (effect.kind === "milestone") {
    if (!effect.mine) announce(t.milestone(effect.reached), { important: false });
  } else if (effect.kind === "downgrade") {
    const { points_needed, tier, by } = effect.warning;
    announce(t.willDowngrade(points_needed, tier, moment(by, serverNow())));
  } else if (effect.kind === "standing") announce(standingText(effect.news));
  else if (effect.kind === "live") announce(effect.live ? t.live : t.ended);
}

const arrival = arrive(VIEWER);
export const { visit, bearer } = arrival;
const door = async () => {
  const token = await arrival.door();
  role.value = roleIn(token, visit.room);
  return token;
};
const connection = new Connection(SOCKET, visit.room, door, {
  link(next) {
    link.value = next;
    if (next.state === "closed" && (next.reason === "invalid" || next.reason === "expired")) arrival.forget();
  },
  joined(data, gap) {
    const snapshot = data as Snapshot;
    setServerTime(snapshot.at);
    tooOld.value = snapshot.wire !== WIRE;
    dispatch({ kind: "joined", snapshot, gap });
    if (gap) showGap();
    setTimeout(loadParts, 1500);
  },
  room(data) {
    const { events, ...rest } = data as Batch;
    dispatch({ kind: "batch", batch: { ...rest, events: (events ?? []).filter((event) => seen.note(event.id)) } });
  },
  personal(data) {
    const { events, room } = data as { events?: PersonalEvent[]; room?: string };
    if (room !== undefined && room !== visit.room) return; // another tab's: the channel is that of all his rooms
    const fresh = (events ?? []).filter((event) => seen.note(`#${event.id}`));
    dispatch({ kind: "personal", events: fresh });
  },
});

/** Asks the room; raises Refusal. */
export function call<T>(method: string, data: Record<string, unknown> = {}): Promise<T> {
  return connection.call<T>(method, { room: visit.room, ...data });
}

export function enterRoom(): void {
  connection.open();
}

/** A platform may put a newer token into the fragment at any time. */
export function hearTokens(): void {
  arrival.onToken(() => {
    if (link.value.state === "guest" || link.value.state === "closed") connection.open();
  });
}

function showGap(): void {
  gapShown.value = true;
  announce(words.value.missed);
  setTimeout(() => {
    gapShown.value = false;
  }, 6000);
}
