import { describe, expect, it } from "vitest";
import { MOST_WAITING, PATIENCE_MS, rank, Waiting } from "../../src/viewer/danmaku/waiting";
import type { Flight } from "../../src/viewer/model";

const flight = (change: Partial<Flight>): Flight => ({
  id: "e",
  user: { id: "bo", name: "Bo", tier: 0 },
  text: "hi",
  emote: null,
  color: 0,
  mode: 1,
  size: 25,
  count: 1,
  mine: false,
  host: false,
  ...change,
});

describe("waiting", () => {
  it("lets own messages go before the host's, then higher tiers, then the newest", () => {
    const waiting = new Waiting<string>();
    const add = (name: string, change: Partial<Flight>) => waiting.add(name, rank(flight(change)), 0);
    add("old", {});
    add("gold", { user: { id: "cy", name: "Cy", tier: 6 } });
    add("mine", { mine: true });
    add("host", { host: true });
    add("new", {});
    const order: string[] = [];
    waiting.drain((name) => order.push(name) > 0);
    expect(order).toEqual(["mine", "host", "gold", "new", "old"]);
  });

  it("never holds more than its bound and counts who gave up", () => {
    const waiting = new Waiting<number>();
    let lost = 0;
    for (let index = 0; index < MOST_WAITING * 3; index++) lost += waiting.add(index, 0, 0);
    expect([waiting.size, lost]).toEqual([MOST_WAITING, MOST_WAITING * 2]);
  });

  it("gives up after its patience", () => {
    const waiting = new Waiting<string>();
    waiting.add("early", 0, 0);
    waiting.add("late", 0, PATIENCE_MS);
    expect([waiting.expire(PATIENCE_MS), waiting.size]).toEqual([0, 2]);
    expect([waiting.expire(PATIENCE_MS + 1), waiting.size]).toEqual([1, 1]);
  });

  it("stops offering at the first that is not taken", () => {
    const waiting = new Waiting<string>();
    waiting.add("a", 2, 0);
    waiting.add("b", 1, 0);
    waiting.drain((name) => name === "a");
    expect(waiting.size).toBe(1);
  });
});
