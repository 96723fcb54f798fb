/** The one place where messages become what the console shows: connection → reducer → signals. */

import { batch, computed, signal } from "@preact/signals";
import { announce } from "../shared/announce";
import { arrive, SOCKET } from "../shared/arrival";
import { serverNow, setServerTime } from "../shared/clock";
import { type Link, type Listener, Refusal, toRefusal } from "../shared/connection";
import { Seen } from "../shared/seen";
import { HOST } from "../shared/token";
import { warn } from "../shared/warn";
import type { Batch, Snapshot } from "../shared/wire";
import { HostConnection } from "./backstage";
import { type Effect, EMPTY, type Input, type State } from "./model";
import { hostId, reduce } from "./state";
import type { Backstage, HostEvent } from "./wire";
import { words } from "./words";

/** The version of the wire this page was built for. */
const WIRE = 1;
/** Between two looks at the figures that no event tells. */
const LOOK_MS = 15_000;
/** Of what was said before the page was opened. */
const BATCHES = 256;

const state = signal<State>(EMPTY);
export const link = signal<Link>({ state: "loading" });
/** He is signed in, but hosts nothing here. */
export const denied = signal(false);
export const gapShown = signal(false);
export const tooOld = signal(false);

export const room = computed(() => state.value.room);
export const me = computed(() => state.value.me);
export const role = computed(() => state.value.role);
export const online = computed(() => state.value.online);
export const likes = computed(() => state.value.likes);
export const today = computed(() => state.value.today);
export const cues = computed(() => state.value.cues);
export const missed = computed(() => state.value.missed);
export const rows = computed(() => state.value.rows);
export const pace = computed(() => state.value.pace);
export const shed = computed(() => state.value.shed);
export const muted = computed(() => state.value.muted);
export const banned = computed(() => state.value.banned);
export const entrances = computed(() => state.value.entrances);
export const thanked = computed(() => state.value.thanked);
export const stage = computed(() => state.value.stage);
/** Whether this server carries pictures. */
export const carried = computed(() => state.value.slots !== null);
/** Whether the host's picture comes in at the server. */
export const comesIn = computed(() => state.value.slots?.includes("main") ?? false);
export const ready = computed(() => link.value.state === "open" && state.value.room !== null);

const seen = new Seen();
const listeners = new Set<(effect: Effect) => void>();

/** Hears what is to be done once. */
export function onEffect(listener: (effect: Effect) => void): void {
  listeners.add(listener);
}

export function dispatch(input: Input): void {
  const step = reduce(state.value, input);
  batch(() => {
    state.value = step.state;
  });
  for (const effect of step.effects) for (const listener of listeners) listener(effect);
}

const arrival = arrive(HOST);
export const { visit, bearer } = arrival;
const inRoom: Listener = {
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
    void askBefore();
  },
  room(data) {
    const { events, ...rest } = data as Batch;
    const fresh = (events ?? []).filter((event) => seen.note(event.id));
    dispatch({ kind: "batch", batch: { ...rest, events: fresh }, now: serverNow() });
  },
  personal: () => undefined, // what concerns the host himself is on the viewer page
};
const connection = new HostConnection(SOCKET, visit.room, arrival.door, inRoom, {
  joined(found) {
    dispatch({ kind: "backstage", found: found as Backstage });
    void askBefore();
  },
  told(data) {
    const { events } = data as { events?: HostEvent[] };
    dispatch({ kind: "told", events: (events ?? []).filter((event) => seen.note(`host ${event.id}`)) });
  },
  barred() {
    denied.value = true;
    connection.close(); // a visitor of the wrong page is not to be counted as one of the room
  },
});

let asked = false;

/** Once he is in the room and known as its host: what was said just before the page was opened. */
async function askBefore(): Promise<void> {
  if (asked || room.value === null || role.value === null) return;
  asked = true;
  try {
    const batches = (await connection.recent(BATCHES)) as Batch[];
    const events = batches.flatMap((one) => one.events ?? []).filter((event) => seen.note(event.id));
    dispatch({ kind: "before", events });
  } catch (error) {
    asked = toRefusal(error).code >= 100; // else the connection was lost, and he comes again
    if (asked) warn("what was said before could not be read", error);
  }
}

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
    if (link.value.state === "guest" || link.value.state === "closed" || denied.value) location.reload();
  });
}

/** Keeps the figures that no event tells up to date while somebody looks. */
export function watchFigures(): void {
  setInterval(() => {
    if (ready.value && !document.hidden && role.value !== null) void look();
  }, LOOK_MS);
}

async function look(): Promise<void> {
  try {
    dispatch({ kind: "backstage", found: await call<Backstage>("host.backstage") });
  } catch (error) {
    warn("the figures could not be renewed", error);
  }
}

/** Why something was not done, in the reader's words. */
export function explain(error: unknown): string {
  const t = words.value;
  if (!(error instanceof Refusal)) {
    warn("something was not done", error);
    return t.notDone(String(error));
  }
  if (error.code < 100) return t.notConnected;
  return t.refusal(error.code) ?? t.notDone(error.message);
}

/** Whether somebody hosts the room, as far as the room tells. */
export function isRoomHost(user: string): boolean {
  return room.value !== null && hostId(room.value) === user;
}

function showGap(): void {
  gapShown.value = true;
  announce(words.value.connection.reconnecting);
  setTimeout(() => {
    gapShown.value = false;
  }, 6000);
}
