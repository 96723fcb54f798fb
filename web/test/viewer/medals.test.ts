import { expect, it } from "vitest";
import type { CheckIn, Step } from "../../src/shared/wire";
import { medalsOf, wall, worn } from "../../src/viewer/member/medals";

const medal = (id: string) => ({ id, title: id.toUpperCase() });
const LADDER: Step[] = [
  { day: 3, title: "", medal: medal("three") },
  { day: 5, title: "coupon" },
  { day: 7, title: "", medal: medal("week") },
  { day: 30, title: "", medal: medal("month") },
  { day: 10, title: "", by: "total", medal: medal("ten") },
];

function standing(current: number, total: number, ...held: string[]) {
  const checkin = { ladder: LADDER, current } as CheckIn;
  const streak = { current, best: current, total, done_today: true };
  return [{ medals: held.map(medal), streak, settings: null }, checkin] as const;
}

it("what was earned shines while the streak is as long, and the rest is ahead", () => {
  const shown = wall(...standing(4, 12, "three", "week", "ten", "guest"));
  expect(shown.map(({ id, state, missing }) => [id, state, missing])).toEqual([
    ["three", "lit", 0],
    ["week", "dimmed", 3],
    ["month", "ahead", 26],
    ["ten", "lit", 0],
    ["guest", "lit", 0],
  ]);
});

it("the highest that shines is worn, of the streak before those in all", () => {
  expect(worn(...standing(8, 12, "three", "week", "ten"))).toBe("week");
  expect(worn(...standing(8, 12, "three", "ten"))).toBe("three");
  expect(worn(...standing(1, 12, "three", "week", "ten"))).toBe("ten");
  expect(worn(...standing(1, 1, "three", "guest"))).toBeUndefined();
});

it("who hides his streak wears none, and neither does a guest", () => {
  const [me, checkin] = standing(8, 12, "week");
  expect(worn({ ...me, settings: { hide_streak: true } }, checkin)).toBeUndefined();
  expect(worn(null, null)).toBeUndefined();
});

it("medals are known by their ids", () => {
  expect(medalsOf(LADDER).get("week")).toEqual({ title: "WEEK", day: 7 });
});
