import { describe, expect, it } from "vitest";
import type { Calendar } from "../../src/shared/wire";
import { moveFocus, progress, shiftMonth, weeksOf } from "../../src/viewer/checkin/month";

const calendar = (month: string): Calendar => ({
  month,
  days: [{ date: `${month}-02`, kind: "done" }],
  current: 1,
  best: 1,
  total: 1,
  next: null,
});

describe("the month grid", () => {
  it("puts 1 November 2026, a Sunday, last in a week from Monday and first in one from Sunday", () => {
    expect(weeksOf(calendar("2026-11"), 1)[0]?.map((cell) => cell?.day ?? 0)).toEqual([0, 0, 0, 0, 0, 0, 1]);
    expect(weeksOf(calendar("2026-11"), 7)[0]?.map((cell) => cell?.day ?? 0)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it("has every day once, in whole weeks, also in a leap February", () => {
    for (const [month, length] of [
      ["2026-02", 28],
      ["2028-02", 29],
      ["2026-12", 31],
    ] as const)
      for (const first of [1, 6, 7]) {
        const weeks = weeksOf(calendar(month), first);
        expect(weeks.every((week) => week.length === 7)).toBe(true);
        expect(weeks.flat().flatMap((cell) => cell?.day ?? [])).toEqual(
          Array.from({ length }, (_, index) => index + 1),
        );
      }
  });

  it("leaves days blank that the server does not list", () => {
    const days = weeksOf(calendar("2026-11"), 1).flat();
    expect(days.filter((cell) => cell?.kind).map((cell) => cell?.date)).toEqual(["2026-11-02"]);
  });

  it("steps over the end of a year", () => {
    expect([shiftMonth("2026-12", 1), shiftMonth("2026-01", -1)]).toEqual(["2027-01", "2025-12"]);
  });
});

describe("keys in the grid", () => {
  it.each([
    ["ArrowLeft", { day: 9, month: 0 }],
    ["ArrowDown", { day: 17, month: 0 }],
    ["Home", { day: 8, month: 0 }],
    ["End", { day: 14, month: 0 }],
    ["PageUp", { day: 10, month: -1 }],
    ["a", null],
  ])("%s from the third day of a week, the 10th", (key, expected) => {
    expect(moveFocus(key, 10, 30, 2)).toEqual(expected);
  });

  it("stay within the month", () => {
    expect([moveFocus("ArrowUp", 3, 30, 0)?.day, moveFocus("ArrowDown", 29, 30, 0)?.day]).toEqual([1, 30]);
  });
});

describe("the way to the next reward", () => {
  const ladder = [{ day: 3 }, { day: 7 }, { day: 10 }];

  it.each([
    ["on the first step", 0, { day: 3, in: 3 }, { done: 0, of: 3 }],
    ["between two steps", 6, { day: 7, in: 1 }, { done: 3, of: 4 }],
    ["just on a step", 7, { day: 10, in: 3 }, { done: 0, of: 3 }],
  ])("%s", (_, current, next, expected) => {
    expect(progress(ladder, current, next)).toEqual(expected);
  });
});
