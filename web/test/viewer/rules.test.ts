import { describe, expect, it } from "vitest";
import { barFor, minutesLeft, openAfter, type Speaker } from "../../src/viewer/chat/rules";

const speaker = (change: Partial<Speaker> = {}): Speaker => ({ staff: false, tier: 2, muted: null, ...change });

describe("who may write", () => {
  it.each([
    ["anybody", {}, {}, null],
    ["not when only hosts may", {}, { hosts_only: true }, { why: "hosts_only" }],
    ["not below a level", {}, { min_tier: 3 }, { why: "tier", least: 3 }],
    ["not without a level where members only may", { tier: 0 }, { members_only: true }, { why: "tier", least: 1 }],
    ["members where members only may", { tier: 1 }, { members_only: true }, null],
    ["not while it is frozen", {}, { frozen: true }, { why: "frozen" }],
    ["no text where emotes only are shown", {}, { emotes_only: true }, { why: "emotes_only" }],
    ["hosts and moderators always", { staff: true }, { hosts_only: true, frozen: true, emotes_only: true }, null],
  ])("%s", (_, change, rules, answer) => {
    expect(barFor(speaker(change), rules, 1000)).toEqual(answer);
  });

  it("not who is muted, staff or not, until it is over", () => {
    const muted = speaker({ staff: true, muted: { until: 2000, reason: "spam" } });
    expect(barFor(muted, {}, 1999)).toEqual({ why: "muted", until: 2000, reason: "spam" });
    expect(barFor(muted, {}, 2000)).toBeNull();
  });

  it("not who is muted for good", () => {
    expect(barFor(speaker({ muted: { until: null } }), {}, 1e15)).toEqual({ why: "muted", until: null, reason: "" });
  });
});

it("counts the minutes of a mute, the last one too", () => {
  expect([minutesLeft(63_000, 0), minutesLeft(61_000, 0), minutesLeft(1, 0)]).toEqual([2, 1, 1]);
});

it("slow mode makes wait who is no host", () => {
  expect([openAfter(1000, false, { slow_seconds: 7 }), openAfter(1000, true, { slow_seconds: 7 })]).toEqual([8000, 0]);
  expect(openAfter(1000, false, {})).toBe(1000);
});
