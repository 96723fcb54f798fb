import { describe, expect, it } from "vitest";
import { type Card, EMPTY, type Input, KEPT_MISSED, KEPT_ROWS, type State } from "../../src/host/model";
import { perMinute } from "../../src/host/pace";
import { reduce } from "../../src/host/state";
import type { Backstage, Cue, CueEvent, HostEvent } from "../../src/host/wire";
import type { RoomEvent, Said, Snapshot } from "../../src/shared/wire";

const LIN = { id: "lin", name: "Lin", tier: 0 };
const ANN = { id: "ann", name: "Ann", tier: 3 };
const BO = { id: "bo", name: "Bo", tier: 0 };
const NOW = 1_700_000_000_000;

const SNAPSHOT = {
  at: NOW,
  wire: 1,
  room: {
    id: "demo",
    title: "Tea",
    host: "lin",
    live: true,
    live_since: NOW - 1000,
    schedule: null,
    ended_at: null,
    settings: { slow_seconds: 0, frozen: false },
    storage: "ok",
  },
  online: 12,
  me: { user: LIN },
  likes: { total: 5 },
} as unknown as Snapshot;

const CUE: Cue = {
  id: "c1",
  kind: "milestone",
  priority: 50,
  user: ANN,
  users: [ANN],
  count: 1,
  script: "Thank you, Ann: 100 days with us!",
  expires_at: NOW + 90_000,
};

const FOUND: Backstage = { role: "host", cues: [], missed: [], muted: [], today: 7, entrances: [] };

function given(...inputs: Input[]): State {
  return inputs.reduce((state, input) => reduce(state, input).state, EMPTY);
}

const JOINED: Input = { kind: "joined", snapshot: SNAPSHOT, gap: false };

function batch(...events: RoomEvent[]): Input {
  return { kind: "batch", batch: { events }, now: NOW };
}

function told(...events: HostEvent[]): Input {
  return { kind: "told", events };
}

function said(id: string, change: Partial<Said> = {}): RoomEvent {
  const style = { id: "white", color: 16777215, mode: 1, size: 25 };
  return { type: "danmaku.said", id, at: NOW, user: ANN, text: "hello", style, ...change };
}

function cue(change: Partial<Cue> = {}): CueEvent {
  return { type: "host.cue", at: NOW, ...CUE, ...change };
}

describe("joining", () => {
  it("shows the room, its likes and who I am", () => {
    expect(given(JOINED)).toMatchObject({ online: 12, likes: 5, me: LIN, room: { live_since: NOW - 1000 } });
  });

  it("marks a gap in the list, and only a gap", () => {
    expect(given(JOINED).rows).toEqual([]);
    expect(given(JOINED, { kind: "joined", snapshot: SNAPSHOT, gap: true }).rows).toMatchObject([{ kind: "gap" }]);
  });
});

describe("what only hosts are told", () => {
  it("is taken over whole when he begins to listen, and new cards are announced once", () => {
    const found = { ...FOUND, cues: [CUE], missed: [{ ...CUE, id: "m" }] };
    const first = reduce(given(JOINED), { kind: "backstage", found });
    expect(first.state).toMatchObject({ role: "host", cues: [{ id: "c1" }], missed: [{ id: "m" }], today: 7 });
    expect(first.effects).toMatchObject([{ kind: "cue", card: { id: "c1" } }]);
    expect(reduce(first.state, { kind: "backstage", found }).effects).toEqual([]);
  });

  it("leaves the page's own cards alone, and drops what others have put away meanwhile", () => {
    const own: Card = { ...CUE, id: "call-bo", kind: "call", expires_at: null };
    const state = given(JOINED, told(cue()), { kind: "own-cards", cards: [own] });
    expect(reduce(state, { kind: "backstage", found: FOUND }).state.cues).toEqual([own]);
  });

  it("brings a card once", () => {
    const { state, effects } = reduce(given(told(cue())), told(cue()));
    expect([state.cues, effects]).toEqual([[CUE], []]);
  });

  it("takes a card away that anybody put away, and says who", () => {
    const closed: HostEvent = { type: "host.cue_closed", id: "e", at: NOW, cue: "c1", outcome: "said", by: BO };
    const { state, effects } = reduce(given(told(cue())), told(closed));
    expect(state.cues).toEqual([]);
    expect(effects).toEqual([{ kind: "taken", cue: "c1", by: BO }]);
  });

  it("takes a card away that was withdrawn, open or missed", () => {
    const closed: HostEvent = { type: "host.cue_closed", id: "e", at: NOW, cue: "c1", outcome: "withdrawn" };
    const { state, effects } = reduce(given(told(cue())), told(closed));
    expect([state.cues, effects]).toEqual([[], [{ kind: "withdrawn", cue: "c1" }]]);
    const missed: HostEvent = { type: "host.missed", id: "m", at: NOW, cues: [CUE] };
    expect(given(told(missed), told(closed)).missed).toEqual([]);
  });

  it("moves what nobody took up to the missed ones, where it can still be put away", () => {
    const missed: HostEvent = { type: "host.missed", id: "e", at: NOW, cues: [CUE] };
    const state = given(told(cue(), cue({ id: "c2" })), told(missed), told(missed));
    expect([state.cues.map((one) => one.id), state.missed]).toEqual([["c2"], [CUE]]);
    expect(given(told(missed), { kind: "gone", cue: "c1" }).missed).toEqual([]);
  });

  it("keeps a bounded list of what was missed", () => {
    const cues = Array.from({ length: KEPT_MISSED + 5 }, (_, index) => ({ ...CUE, id: `m${index}` }));
    expect(given(told({ type: "host.missed", id: "e", at: NOW, cues })).missed).toHaveLength(KEPT_MISSED);
  });

  it("passes over types of later versions", () => {
    const later = { type: "host.seat_asked", id: "1", at: NOW } as unknown as HostEvent;
    expect(reduce(EMPTY, told(later)).state).toEqual(EMPTY);
  });
});

describe("the chat", () => {
  it("lists what was said, and what was done about it", () => {
    const mute: HostEvent = { type: "moderation.changed", id: "m", at: NOW, user: ANN, kind: "mute", until: NOW + 60 };
    const { rows } = given(JOINED, batch(said("1"), said("2", { user: LIN })), told(mute));
    expect(rows).toMatchObject([
      { kind: "said", key: "1", host: false },
      { kind: "said", key: "2", host: true },
      { kind: "done", done: { kind: "mute" } },
    ]);
  });

  it("strikes out a merged message with all that it stands for, and counts one of those down", () => {
    const state = given(JOINED, batch(said("1", { count: 3, merged: ["2", "3"] })));
    const left = (id: string) =>
      reduce(state, batch({ type: "danmaku.removed", id: "r", at: NOW, ids: [id] })).state.rows;
    expect(left("1")).toMatchObject([{ removed: true }]);
    expect(left("3")).toMatchObject([{ removed: false, count: 2, merged: ["2"] }]);
    expect(left("7")).toEqual(state.rows);
  });

  it("strikes out what was removed, one message or all of somebody's", () => {
    const state = given(JOINED, batch(said("1"), said("2"), said("3", { user: BO })));
    const struck = (removed: RoomEvent) =>
      reduce(state, batch(removed)).state.rows.map((row) => row.kind === "said" && row.removed);
    expect(struck({ type: "danmaku.removed", id: "r", at: NOW, ids: ["2"] })).toEqual([false, true, false]);
    expect(struck({ type: "danmaku.removed", id: "r", at: NOW, user: ANN })).toEqual([true, true, false]);
  });

  it("counts every message, those merged and those not shown too", () => {
    const busy: Input = {
      kind: "batch",
      batch: { events: [said("1", { count: 4 }), said("2")], shed: { danmaku: 10, entrance: 3 } },
      now: NOW,
    };
    const state = given(JOINED, busy);
    expect([perMinute(state.pace, NOW), state.shed]).toEqual([15, 10]);
  });

  it("begins with what was said before the page was opened, and leaves the room as it is now", () => {
    const liked: RoomEvent = { type: "like.counted", id: "l", at: NOW, delta: 1, total: 1 };
    const frozen: RoomEvent = { type: "room.changed", id: "f", at: NOW, frozen: true };
    const events = [said("1"), said("2"), liked, frozen, said("3", { at: NOW - 60_000 })];
    const state = given(JOINED, batch(said("2"), said("4")), { kind: "before", events });
    expect(state.rows.map((row) => row.key)).toEqual(["1", "3", "2", "4"]);
    expect([state.likes, state.room?.settings.frozen]).toEqual([5, false]);
  });

  it("keeps a bounded list", () => {
    const { rows } = given(JOINED, batch(...Array.from({ length: KEPT_ROWS + 50 }, (_, index) => said(`e${index}`))));
    expect(rows).toHaveLength(KEPT_ROWS);
  });

  it("remembers who was thanked, and when", () => {
    const shown: RoomEvent = { type: "shoutout.shown", id: "s", at: NOW, by: LIN, to: ANN, text: "!", pinned_until: 0 };
    const state = given(JOINED, batch(shown));
    expect(state.thanked.get("ann")).toBe(NOW);
    expect(EMPTY.thanked.size).toBe(0);
  });
});

describe("the room", () => {
  it("changes only what changed, modes and facts apart", () => {
    const change = { type: "room.changed", id: "1", at: NOW } as const;
    const { room } = given(JOINED, batch({ ...change, slow_seconds: 5 }, { ...change, id: "2", storage: "away" }));
    expect(room).toEqual({ ...SNAPSHOT.room, storage: "away", settings: { slow_seconds: 5, frozen: false } });
  });

  it("forgets the last end when a stream begins", () => {
    const ended = { ...SNAPSHOT, room: { ...SNAPSHOT.room, live: false, ended_at: 5 } };
    const change = { type: "room.changed", id: "1", at: NOW, live: true } as const;
    const { room } = given({ kind: "joined", snapshot: ended, gap: false }, batch(change));
    expect(room).toMatchObject({ live: true, ended_at: null });
  });

  it("has the settings that a reply told", () => {
    expect(given(JOINED, { kind: "settings", settings: { frozen: true } }).room?.settings).toEqual({ frozen: true });
  });

  it("knows its likes and its check-ins of today", () => {
    const state = given(
      JOINED,
      batch(
        { type: "like.counted", id: "1", at: NOW, delta: 2, total: 9 },
        { type: "checkin.burst", id: "2", at: NOW, delta: 3, today: 11, sample: [] },
      ),
    );
    expect([state.likes, state.today]).toEqual([9, 11]);
  });
});

describe("who is muted or banned", () => {
  const done = (kind: "mute" | "unmute" | "ban" | "unban" | "kick", until: number | null = null): HostEvent => ({
    type: "moderation.changed",
    id: `${kind}${until}`,
    at: NOW,
    user: ANN,
    kind,
    until,
    reason: "spam",
  });

  it("is known by the last word about everybody", () => {
    const state = given(told(done("mute"), done("mute", NOW + 5), done("ban")));
    expect(state.muted).toEqual([{ user: ANN, until: NOW + 5, reason: "spam" }]);
    expect(state.banned).toHaveLength(1);
    expect(given(told(done("mute"), done("unmute"), done("ban"), done("unban")))).toMatchObject({
      muted: [],
      banned: [],
    });
  });

  it("is not changed by a removal from the room", () => {
    expect(given(told(done("kick")))).toMatchObject({ muted: [], banned: [], rows: [{ kind: "done" }] });
  });
});

describe("pictures", () => {
  it("come in for the slots that the room says, where the server carries any", () => {
    const joined: Input = { kind: "joined", snapshot: { ...SNAPSHOT, media: { slots: ["main"] } }, gap: false };
    expect(given(joined).slots).toEqual(["main"]);
    expect(given(joined, batch({ type: "media.changed", id: "m1", at: NOW, slots: [] })).slots).toEqual([]);
  });
});

describe("the stage", () => {
  it("is as the room says, from the beginning and from then on", () => {
    const seat = { slot: "guest1", user: ANN, state: "on", number: 1, since: NOW, muted: false };
    const snapshot = { ...SNAPSHOT, media: { slots: [] }, stage: { seats: [], number: 0, spotlight: null } };
    const joined: Input = { kind: "joined", snapshot, gap: false };
    expect(given(joined)).toMatchObject({ slots: [], stage: { seats: [] } });
    expect(given(JOINED)).toMatchObject({ slots: null, stage: null });
    const changed = { type: "stage.changed", id: "s1", at: NOW, seats: [seat], number: 1, spotlight: "ann" } as const;
    expect(given(joined, batch({ ...changed, seats: [seat] })).stage).toMatchObject({
      seats: [seat],
      spotlight: "ann",
    });
  });
});
