import { describe, expect, it } from "vitest";
import type { Batch, PersonalEvent, Receipt, RoomEvent, Said, Snapshot } from "../../src/shared/wire";
import { EMPTY, type Input, KEPT_ROWS, type State, type Step, WHITE } from "../../src/viewer/model";
import { reduce } from "../../src/viewer/state";

const ANN = { id: "ann", name: "Ann", tier: 3 };
const BO = { id: "bo", name: "Bo", tier: 0 };
const LIN = { id: "lin", name: "Lin", tier: 0 };
const NEXT = { day: 7, title: "Week medal", in: 1 };

const SNAPSHOT: Snapshot = {
  at: 1000,
  wire: 1,
  room: {
    id: "demo",
    title: "Tea",
    host: "lin",
    live: true,
    schedule: null,
    ended_at: null,
    settings: { slow_seconds: 0 },
    storage: "ok",
  },
  online: 12,
  me: {
    user: ANN,
    tier: { level: 3, name: "Lilac", badge: "lilac" },
    points: 320,
    qualifying: 680,
    next_tier: { name: "Pink", in: 320 },
    streak: { current: 6, best: 21, total: 63, done_today: false },
    entitlements: null,
    medals: [],
    settings: null,
  },
  checkin: {
    day: "2026-11-21",
    done: false,
    current: 6,
    next: NEXT,
    eligible_in: 0,
    expires_at: 5000,
    ladder: [{ day: 7, title: "Week medal" }],
    month: {
      month: "2026-11",
      days: [{ date: "2026-11-21", kind: "open" }],
      current: 6,
      best: 21,
      total: 63,
      next: NEXT,
    },
  },
  pinned: null,
  styles: [
    { id: "white", name: "White", color: WHITE, modes: [1] },
    { id: "gold", name: "Gold", color: 16769126, modes: [1], locked: { tier: 6 } },
  ],
  effects: { entrance: { id: "comet", priority: 30, duration_ms: 2500, reduced: "line" } },
};

const RECEIPT: Receipt = {
  id: "r",
  day: "2026-11-21",
  streak: 7,
  best: 21,
  total: 64,
  replayed: false,
  points: 10,
  balance: 330,
  rewards: [],
  medals: [{ id: "week", title: "First week" }],
  next: { day: 30, title: "Gift", in: 23 },
  expires_at: 9000,
  at: 2000,
  durability: "local",
};

function said(id: string, change: Partial<Said> = {}): Said {
  const style = { id: "white", color: WHITE, mode: 1, size: 25 };
  return { type: "danmaku.said", id, at: 1, user: BO, text: "hello", style, ...change };
}

function given(...inputs: Input[]): State {
  return inputs.reduce((state, input) => reduce(state, input).state, EMPTY);
}

function joined(change: Partial<Snapshot> = {}): Input {
  return { kind: "joined", snapshot: { ...SNAPSHOT, ...change }, gap: false };
}

function pinnedBy(by: typeof LIN): Snapshot["pinned"] {
  return [{ id: "1", by, to: ANN, text: "Thanks", pinned_until: 9 }];
}

function when(state: State, ...events: RoomEvent[]): Step {
  return reduce(state, { kind: "batch", batch: { events, online: 13 } });
}

describe("joining", () => {
  it("shows the snapshot and plays the viewer's own entrance once", () => {
    const first = reduce(EMPTY, joined());
    expect(first.state).toMatchObject({ online: 12, room: { title: "Tea" }, checkin: { done: false } });
    expect(first.effects).toMatchObject([{ kind: "entrance", mine: true, entrance: { user: ANN } }]);
    expect(reduce(first.state, joined()).effects).toEqual([]);
  });

  it("marks a gap in the list, and only a gap", () => {
    expect(given(joined(), { kind: "joined", snapshot: SNAPSHOT, gap: true }).rows).toMatchObject([{ kind: "gap" }]);
  });

  it("knows a guest, who has neither card nor check-in", () => {
    expect(given(joined({ me: null, checkin: null }))).toMatchObject({ me: null, checkin: null });
  });

  it("learns the host's name from what he pinned, and keeps it", () => {
    const known = given(joined({ pinned: pinnedBy(LIN) }));
    expect(known.hostName).toBe("Lin");
    expect(reduce(known, joined()).state.hostName).toBe("Lin");
    expect(given(joined({ pinned: pinnedBy(BO) })).hostName).toBe("");
  });
});

describe("a batch", () => {
  it("brings messages to the list and into the picture, in order", () => {
    const { state, effects } = when(given(joined()), said("1"), said("2", { text: "again" }));
    expect(state.rows).toMatchObject([{ key: "1", status: "shown" }, { key: "2" }]);
    expect(effects).toMatchObject([{ flight: { id: "1", mine: false } }, { flight: { id: "2" } }]);
    expect(state.online).toBe(13);
  });

  it("counts up what the same person repeats", () => {
    expect(when(given(joined()), said("1"), said("2")).state.rows).toMatchObject([{ key: "1", count: 2 }]);
  });

  it("learns the host's name from what he says", () => {
    expect(when(given(joined()), said("1", { user: LIN })).state).toMatchObject({
      hostName: "Lin",
      rows: [{ host: true }],
    });
  });

  it("forgets the host's name when another is the host, or nobody", () => {
    const known = given(joined({ pinned: pinnedBy(LIN) }));
    const change = { type: "room.changed", id: "1", at: 1 } as const;
    expect(when(known, { ...change, host: "lin" }).state.hostName).toBe("Lin");
    expect(when(known, { ...change, host: "bo" }).state.hostName).toBe("");
    expect(when(known, { ...change, host: null }).state).toMatchObject({ hostName: "", room: { host: null } });
  });

  it("passes over types of later versions and the viewer's own entrance", () => {
    const later = { type: "stage.taken", id: "1", at: 1 } as unknown as RoomEvent;
    const own: RoomEvent = { type: "effects.entered", id: "2", at: 1, user: ANN };
    const { state, effects } = when(given(joined()), later, own);
    expect([state.rows, effects]).toEqual([[], []]);
  });

  it("adds up what the room did not show", () => {
    const batch: Batch = { events: [], shed: { danmaku: 12, like: 3 } };
    expect(given(joined(), { kind: "batch", batch }, { kind: "batch", batch }).shed).toBe(30);
  });

  it("names nobody for joins without a name", () => {
    const { state } = when(
      given(joined()),
      { type: "presence.entered", id: "1", at: 1, count: 2, sample: [BO] },
      { type: "presence.entered", id: "2", at: 1, count: 5, sample: [] },
    );
    expect(state.joined).toEqual({ users: [], count: 5 });
  });

  it("celebrates what others reach, and knows when it is mine", () => {
    const reached = { user: ANN, streak: "daily", measure: "length" as const, count: 30 };
    const { state, effects } = when(given(joined()), { type: "checkin.milestone", id: "1", at: 1, ...reached });
    expect(state.rows).toMatchObject([{ kind: "milestone", reached: { count: 30 } }]);
    expect(effects).toMatchObject([{ kind: "milestone", mine: true }]);
  });

  it("pins a shout-out and tells whose it is", () => {
    const shown = { by: LIN, to: ANN, text: "Thanks", pinned_until: 9 };
    const { state, effects } = when(given(joined()), { type: "shoutout.shown", id: "1", at: 1, ...shown });
    expect(state.pinned).toMatchObject([{ id: "1", ...shown }]);
    expect(effects).toMatchObject([{ kind: "shoutout", mine: true }]);
  });

  it("changes only what changed in the room", () => {
    const { state } = when(given(joined({ room: { ...SNAPSHOT.room, ended_at: 5 } })), {
      type: "room.changed",
      id: "1",
      at: 1,
      slow_seconds: 5,
      live: true,
      zone: "UTC",
    });
    expect(state.room).toEqual({
      ...SNAPSHOT.room,
      live: true,
      ended_at: null,
      zone: "UTC",
      settings: { slow_seconds: 5 },
    });
  });

  it("raises my tier at once", () => {
    const user = { ...ANN, tier: 4 };
    const { state } = when(given(joined()), {
      type: "membership.tier_changed",
      id: "1",
      at: 1,
      user,
      tier: 4,
      name: "Pink",
    });
    expect(state.me).toMatchObject({ user, tier: { level: 4, name: "Pink" } });
  });

  it("keeps a bounded list", () => {
    const events = Array.from({ length: KEPT_ROWS + 50 }, (_, index) => said(`e${index}`, { text: `${index}` }));
    const { rows } = when(given(joined()), ...events).state;
    expect([rows.length, rows.at(-1)?.key]).toEqual([KEPT_ROWS, `e${KEPT_ROWS + 49}`]);
  });
});

describe("my own message", () => {
  const sending: Input = { kind: "sending", key: "k", text: "hi", emote: null, color: WHITE };

  it("waits in the list, then takes the room's id and flies, even when it was shed", () => {
    const waiting = given(joined(), sending);
    expect(waiting.rows).toMatchObject([{ key: "k", status: "sending", mine: true }]);
    const { state, effects } = reduce(waiting, {
      kind: "sent",
      key: "k",
      reply: { id: "9", status: "shed", style: "white" },
    });
    expect(state.rows).toMatchObject([{ key: "9", status: "shed" }]);
    expect(effects).toMatchObject([{ flight: { id: "9", mine: true } }]);
  });

  it("is shown once when the batch is faster than the reply", () => {
    const brought = when(given(joined(), sending), said("9", { user: ANN, text: "hi" }));
    const { state, effects } = reduce(brought.state, {
      kind: "sent",
      key: "k",
      reply: { id: "9", status: "accepted", style: "white" },
    });
    expect(state.rows).toMatchObject([{ key: "9" }]);
    expect([brought.effects.length, effects.length]).toEqual([1, 0]);
  });

  it("is shown once when the reply is faster, alone or with those who said the same", () => {
    const reply = { id: "9", status: "accepted" as const, style: "white" };
    const answered = given(joined(), sending, { kind: "sent", key: "k", reply });
    const alone = when(answered, said("9", { user: ANN, text: "hi" }));
    expect([alone.state.rows.length, alone.effects]).toEqual([1, []]);
    const led = when(answered, said("9", { user: ANN, text: "hi", count: 3, merged: ["10", "11"] }));
    expect(led.state.rows).toMatchObject([{ key: "9", count: 3, ids: ["9", "10", "11"] }]);
    const followed = when(answered, said("8", { text: "hi", count: 3, merged: ["9", "10"] }));
    expect(followed.state.rows).toMatchObject([
      { key: "9", count: 1 },
      { key: "8", count: 2, ids: ["8", "10"] },
    ]);
    expect(followed.effects).toMatchObject([{ flight: { count: 2 } }]);
  });

  it("is shown once also when the server cleaned its text", () => {
    const brought = when(given(joined(), sending), said("9", { user: ANN, text: "hi!" }));
    const { state } = reduce(brought.state, {
      kind: "sent",
      key: "k",
      reply: { id: "9", status: "accepted", style: "white" },
    });
    expect(state.rows.map((row) => row.key)).toEqual(["9"]);
  });

  it("says when its colour was not open to me", () => {
    const { state } = reduce(given(joined(), sending), {
      kind: "sent",
      key: "k",
      reply: { id: "9", status: "accepted", style: "white", degraded: true },
    });
    expect(state.rows).toMatchObject([{ key: "9", color: WHITE }, { kind: "degraded" }]);
  });

  it("says so once, until a message goes out as it was wished again", () => {
    const say = (key: string, degraded: boolean): Input[] => [
      { kind: "sending", key, text: key, emote: null, color: WHITE },
      {
        kind: "sent",
        key,
        reply: { id: `id-${key}`, status: "accepted", style: "white", ...(degraded && { degraded }) },
      },
    ];
    const notes = (...inputs: Input[]) =>
      given(joined(), ...inputs).rows.filter((row) => row.kind === "degraded").length;
    expect(notes(...say("a", true), ...say("b", true))).toBe(1);
    expect(notes(...say("a", true), ...say("b", false), ...say("c", true))).toBe(2);
  });

  it("leaves the list when it was refused", () => {
    expect(given(joined(), sending, { kind: "unsent", key: "k" }).rows).toEqual([]);
  });
});

describe("the receipt", () => {
  it("makes today a checked-in day, in every place at once", () => {
    const state = given(joined(), { kind: "receipt", receipt: RECEIPT });
    expect(state.checkin).toMatchObject({ done: true, current: 7, next: { in: 23 }, expires_at: 9000 });
    expect(state.checkin?.month.days).toEqual([{ date: "2026-11-21", kind: "done" }]);
    expect(state.me).toMatchObject({ points: 330, streak: { current: 7, total: 64, done_today: true } });
    expect(state.me?.medals).toEqual(RECEIPT.medals);
  });

  it("gives no medal twice", () => {
    const earned: Input = {
      kind: "personal",
      events: [{ type: "membership.medal_earned", id: "1", at: 1, medal: { id: "week", title: "First week" } }],
    };
    expect(given(joined(), earned, { kind: "receipt", receipt: RECEIPT }).me?.medals).toHaveLength(1);
  });

  it("leaves another month alone", () => {
    const { month } = SNAPSHOT.checkin ?? {};
    const state = given(joined(), { kind: "receipt", receipt: { ...RECEIPT, day: "2026-12-01" } });
    expect(state.checkin?.month).toBe(month);
  });

  it("is over when a newer card says that a new day has begun", () => {
    const done = given(joined(), { kind: "receipt", receipt: RECEIPT });
    const card = { ...SNAPSHOT.me, streak: { current: 7, best: 21, total: 64, done_today: false } } as State["me"] &
      object;
    expect(reduce(done, { kind: "card", card }).state.checkin).toMatchObject({ done: false, current: 7 });
  });
});

describe("personal events", () => {
  it("open and close colours", () => {
    const events = [{ type: "membership.entitlements" as const, id: "1", at: 1, styles: ["gold"] }];
    const { styles } = given(joined(), { kind: "personal", events });
    expect(styles.map((style) => Boolean(style.locked))).toEqual([true, false]);
  });

  it("set the balance", () => {
    const events = [{ type: "membership.points_earned" as const, id: "1", at: 1, balance: 400 }];
    expect(given(joined(), { kind: "personal", events }).me?.points).toBe(400);
  });
});

describe("what moderators do", () => {
  const keys = (...events: RoomEvent[]) => when(given(joined()), ...events).state.rows.map((row) => row.key);

  it("takes back one message, in the list and in the picture", () => {
    const { state, effects } = when(given(joined()), said("1"), said("2", { text: "bye" }), {
      type: "danmaku.removed",
      id: "x",
      at: 2,
      ids: ["1"],
    });
    expect(state.rows.map((row) => row.key)).toEqual(["2"]);
    expect(effects.at(-1)).toEqual({ kind: "removed", ids: ["1"], user: null });
  });

  it("takes back all of one person's", () => {
    expect(keys(said("1"), said("2", { user: LIN }), { type: "danmaku.removed", id: "x", at: 2, user: BO })).toEqual([
      "2",
    ]);
  });

  it("counts a merged message down by those that are taken back", () => {
    const merged = said("1", { count: 3, merged: ["2", "3"] });
    const { rows } = when(given(joined()), merged, { type: "danmaku.removed", id: "x", at: 2, ids: ["3"] }).state;
    expect(rows).toMatchObject([{ key: "1", count: 2, ids: ["1", "2"] }]);
  });

  it("takes back all that a message was shown for together with it, in the picture and on their senders' pages", () => {
    const leader = said("1", { count: 3, merged: ["2", "3"] });
    const removed: RoomEvent = { type: "danmaku.removed", id: "x", at: 2, ids: ["1"] };
    const { state, effects } = when(
      given(joined()),
      said("2", { user: ANN }),
      leader,
      said("9", { text: "bye" }),
      removed,
    );
    expect(state.rows).toMatchObject([
      { key: "2", status: "removed" },
      { key: "9", status: "shown" },
    ]);
    expect(effects.at(-1)).toEqual({ kind: "removed", ids: ["1", "2", "3"], user: null });
  });

  it("takes of what several said alike only his part who is taken back", () => {
    const removed: RoomEvent = { type: "danmaku.removed", id: "x", at: 2, user: BO, merged: ["1", "5"] };
    const his = said("1", { count: 3, merged: ["2", "3"] });
    const anothers = said("4", { user: LIN, count: 2, merged: ["5"] });
    const { rows } = when(given(joined()), his, anothers, removed).state;
    expect(rows).toMatchObject([
      { user: { id: "" }, count: 2, ids: ["2", "3"] },
      { user: LIN, count: 1, ids: ["4"] },
    ]);
  });

  it("leaves nothing of what he alone said, however often", () => {
    const removed: RoomEvent = { type: "danmaku.removed", id: "x", at: 2, user: BO, merged: ["2"] };
    expect(when(given(joined()), said("1", { count: 2, merged: ["2"] }), said("3"), removed).state.rows).toEqual([]);
  });

  it("takes back of somebody's repeats only what stood for one of them", () => {
    const removed: RoomEvent = { type: "danmaku.removed", id: "x", at: 2, ids: ["1"] };
    const { rows } = when(given(joined()), said("1", { count: 2, merged: ["2"] }), said("3"), removed).state;
    expect(rows).toMatchObject([{ count: 1, ids: ["3"] }]);
  });

  it("leaves my own message, which says what became of it", () => {
    const mine = said("1", { user: ANN });
    const { rows } = when(given(joined()), mine, { type: "danmaku.removed", id: "x", at: 2, ids: ["1"] }).state;
    expect(rows).toMatchObject([{ key: "1", status: "removed" }]);
  });

  it("mutes me until an instant, and lets me speak again", () => {
    const told = (kind: "mute" | "unmute", until?: number): Input => ({
      kind: "personal",
      events: [
        { type: "moderation.changed", id: kind, at: 1, user: ANN, kind, reason: "spam", ...(until && { until }) },
      ],
    });
    expect(given(joined(), told("mute", 9000)).me?.muted).toEqual({ until: 9000, reason: "spam" });
    expect(given(joined(), told("mute")).me?.muted).toEqual({ until: null, reason: "spam" });
    expect(given(joined(), told("mute", 9000), told("unmute")).me?.muted).toBeNull();
  });

  it("tells me nothing of what was done about others", () => {
    const about: Input = {
      kind: "personal",
      events: [{ type: "moderation.changed", id: "1", at: 1, user: BO, kind: "mute" }],
    };
    expect(given(joined(), about).me?.muted).toBeUndefined();
  });
});

describe("what else is told", () => {
  it("a message said alike by several counts as so many", () => {
    const { state, effects } = when(given(joined()), said("1", { count: 4, merged: ["2", "3", "4"] }));
    expect(state.rows).toMatchObject([{ count: 4 }]);
    expect(effects).toMatchObject([{ kind: "fly", flight: { count: 4 } }]);
  });

  it("likes", () => {
    expect(when(given(joined()), { type: "like.counted", id: "1", at: 1, delta: 3, total: 10 }).state.likes).toBe(10);
  });

  it("whom the host calls, and that it is me", () => {
    const called = { type: "host.called" as const, id: "1", at: 1, by: LIN, users: [BO, ANN] };
    const { state, effects } = when(given(joined()), called);
    expect(state.rows).toMatchObject([{ kind: "called", mine: true }]);
    expect(effects).toMatchObject([{ kind: "called", mine: true }]);
    expect(when(given(joined()), { ...called, users: [BO] }).effects).toMatchObject([{ mine: false }]);
  });

  it("a product, until it is closed; an order does not hide it", () => {
    const app = (type: `app.${string}`, data: Record<string, unknown>) => ({ type, id: type, at: 1, data });
    const shown = when(given(joined()), app("app.product", { title: "Oolong" }), app("app.order", { title: "Cup" }));
    expect(shown.state.product).toMatchObject({ title: "Oolong" });
    expect(shown.state.rows).toMatchObject([{ notice: { what: "product" } }, { notice: { what: "order" } }]);
    expect(when(shown.state, app("app.product_closed", {})).state.product).toBeNull();
  });

  it("days that were excused are to be asked for", () => {
    const excused = {
      type: "checkin.excused" as const,
      id: "1",
      at: 1,
      first: "2026-11-01",
      last: "2026-11-02",
      reason: "",
    };
    expect(when(given(joined()), excused).effects).toEqual([{ kind: "days" }]);
  });

  it("modes that changed, and only those", () => {
    const { state, effects } = when(given(joined()), { type: "room.changed", id: "1", at: 1, slow_seconds: 10 });
    expect(state.room?.settings).toMatchObject({ slow_seconds: 10 });
    expect(effects).toEqual([{ kind: "modes" }]);
  });

  it("a room that goes live and ends", () => {
    const off = when(given(joined()), { type: "room.changed", id: "1", at: 1, live: false, ended_at: 5 });
    expect([off.state.room?.ended_at, off.effects]).toEqual([5, [{ kind: "live", live: false }]]);
    const on = when(off.state, { type: "room.changed", id: "2", at: 1, live: true, live_since: 9 });
    expect(on.state.room).toMatchObject({ live: true, ended_at: null, live_since: 9 });
  });
});

describe("my standing", () => {
  const personal = (event: PersonalEvent): Input => ({ kind: "personal", events: [event] });

  it("gets new ways with a new colour", () => {
    const event = {
      type: "membership.entitlements" as const,
      id: "1",
      at: 1,
      styles: ["white", "gold"],
      modes: [1, 5],
    };
    expect(given(joined(), personal(event)).styles.map((style) => style.modes)).toEqual([
      [1, 5],
      [1, 5],
    ]);
  });

  it("passes over entitlements that are older than those it has", () => {
    const at = (version: number, styles: string[]) =>
      personal({ type: "membership.entitlements", id: `${version}`, at: 1, version, styles });
    const { styles } = given(joined(), at(3, ["white", "gold"]), at(2, ["white"]));
    expect(styles.map((style) => Boolean(style.locked))).toEqual([false, false]);
  });

  it("warns of a downgrade until the level changes", () => {
    const warned = given(
      joined(),
      personal({ type: "membership.will_downgrade", id: "1", at: 1, tier: 3, to: 2, points_needed: 45, by: 9000 }),
    );
    expect(warned.me?.will_downgrade).toEqual({ tier: 3, to: 2, points_needed: 45, by: 9000 });
    const fell = personal({ type: "membership.tier_changed", id: "2", at: 1, user: ANN, tier: 2, name: "Regular" });
    expect(reduce(warned, fell).state.me).toMatchObject({ will_downgrade: null, tier: { level: 2 } });
  });

  it("has fewer points when they were spent, here or elsewhere, and no less of a level", () => {
    const item = { id: "tea", kind: "coupon", title: "Tea" };
    const spent = personal({ type: "membership.points_spent", id: "1", at: 1, item, price: 20, balance: 300 });
    expect(given(joined(), spent).me).toMatchObject({ points: 300, qualifying: 680 });
  });

  it("is told when it is kept after all, given, or taken back", () => {
    const news = (...events: PersonalEvent[]) => {
      const { state, effects } = reduce(given(joined()), { kind: "personal", events });
      expect(effects.map((effect) => effect.kind)).toEqual(["standing"]);
      return state.rows;
    };
    const of = { id: "1", at: 1 };
    expect(news({ type: "membership.tier_kept", ...of, tier: 3, until: 9 })).toMatchObject([
      { kind: "standing", news: { kept: true, level: 3, until: 9 } },
    ]);
    expect(news({ type: "membership.tier_assigned", ...of, level: 4 })).toMatchObject([
      { news: { kept: false, level: 4, until: null } },
    ]);
    expect(news({ type: "membership.tier_assigned", ...of })).toMatchObject([{ news: { level: null } }]);
  });

  it("comes nearer to the next level with what is earned", () => {
    const earned = personal({ type: "membership.points_earned", id: "1", at: 1, balance: 330, qualifying: 10 });
    expect(given(joined(), earned).me).toMatchObject({ points: 330, qualifying: 690, next_tier: { in: 310 } });
  });
});

describe("a check-in in another tab", () => {
  const personal = (event: PersonalEvent): Input => ({ kind: "personal", events: [event] });
  const earned = personal({ type: "membership.points_earned", id: "1", at: 1, balance: 330, reason: "check-in" });

  it("is learnt of by its points, and asked about", () => {
    expect(reduce(given(joined()), earned).effects).toEqual([{ kind: "days", marked: true }]);
    const chat = personal({ type: "membership.points_earned", id: "1", at: 1, balance: 330, reason: "chatting" });
    expect(reduce(given(joined()), chat).effects).toEqual([]);
  });

  it("is learnt of though it earned nothing", () => {
    const nothing = personal({ type: "membership.nothing_earned", id: "1", at: 1, reason: "check-in" });
    expect(reduce(given(joined()), nothing).effects).toEqual([{ kind: "days", marked: true }]);
    const medal = personal({ type: "membership.nothing_earned", id: "1", at: 1, reason: "7 days in a row" });
    expect(reduce(given(joined()), medal).effects).toEqual([]);
  });

  it("is nothing new to the tab that has its receipt", () => {
    const known = { kind: "receipt", receipt: { ...RECEIPT, at: 1 } } as const;
    expect(reduce(given(joined(), known), earned).effects).toEqual([]);
    const nothing = personal({ type: "membership.nothing_earned", id: "1", at: 1, reason: "check-in" });
    expect(reduce(given(joined(), known), nothing).effects).toEqual([]);
  });

  it("moves the way to the next reward with the month", () => {
    const month = { month: "2026-11", days: [], current: 7, best: 21, total: 64, next: RECEIPT.next };
    const { checkin } = given(joined(), { kind: "month", month });
    expect(checkin).toMatchObject({ current: 7, next: RECEIPT.next, month });
  });
});

describe("the picture and the stage", () => {
  const ada = { id: "ada", name: "Ada", tier: 1 };
  const seat = { slot: "guest1", user: ada, state: "on", number: 1, since: 0, muted: false };
  const entered = joined({ media: { slots: ["main"] }, stage: { seats: [seat], number: 1, spotlight: null } });

  it("are as the snapshot says, and as the room says from then on", () => {
    const first = reduce(EMPTY, entered).state;
    expect(first).toMatchObject({ slots: ["main"], stage: { seats: [seat] } });
    const events: RoomEvent[] = [
      { type: "media.changed", id: "m1", at: 1, slots: ["main", "guest1"] },
      { type: "stage.changed", id: "s1", at: 1, seats: [], number: 1, spotlight: null },
    ];
    const then = reduce(first, { kind: "batch", batch: { events } }).state;
    expect(then).toMatchObject({ slots: ["main", "guest1"], stage: { seats: [] } });
  });

  it("are nothing where the server carries none", () => {
    expect(reduce(EMPTY, joined()).state).toMatchObject({ slots: null, stage: null });
  });
});
