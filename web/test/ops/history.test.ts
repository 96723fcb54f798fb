import { expect, it } from "vitest";
import { type History, lately, NOTHING, WINDOW_MS, withReading } from "../../src/ops/history";
import { type Reading, total } from "../../src/ops/reading";
import { reading, START } from "./readings";

const grown = (...sums: [second: number, sum: number][]) =>
  sums.map(([second, sum]) => reading(second, [`commands_total{kind="a"} ${sum}`, 'commands_total{kind="b"} 1']));
const told = (readings: Reading[]) => readings.reduce<History>(withReading, NOTHING);
const seconds = (ones: readonly { at: number }[]) => ones.map(({ at }) => (at - START) / 1000);
const A = "commands_total kind=a";

it("keeps ten minutes of the figures, and one of all that was said", () => {
  const all = Array.from({ length: 1_000 }, (_, index) => reading(index * 2, ["connections 1"]));
  const { recent, course } = told(all);
  expect([course.length, course[0]?.at]).toEqual([301, START + 1_998_000 - WINDOW_MS]);
  expect([recent.length, recent[0]?.at]).toEqual([31, START + 1_998_000 - 60_000]);
});

it("never has two readings of one moment", () => {
  const { recent, course } = told([reading(0), reading(2), reading(2)]);
  expect([seconds(recent), seconds(course)]).toEqual([
    [0, 2],
    [0, 2],
  ]);
});

it("begins anew where the clock was set back: nobody knows in what time something has grown", () => {
  const history = told(grown([0, 0], [300, 1_000], [600, 2_000], [302, 2_002]));
  expect([seconds(history.recent), seconds(history.course)]).toEqual([[302], [302]]);
});

it("adds up what has the labels", () => {
  const [one] = grown([0, 4]);
  expect([total(one as Reading, "commands_total"), total(one as Reading, "commands_total", { kind: "a" })]).toEqual([
    5, 4,
  ]);
  expect(total(one as Reading, "nothing")).toBe(0);
});

it("says what came within the last minute", () => {
  expect(lately(told(grown([0, 10], [30, 11], [89, 15], [90, 17]))).get(A)).toBe(6);
  expect(lately(NOTHING).get(A)).toBeUndefined();
});

it("counts from nothing after a restart", () => {
  expect(lately(told(grown([0, 100], [2, 4]))).get(A)).toBe(4);
});

it("counts what had not been there before", () => {
  expect(lately(told([reading(0), ...grown([2, 3])])).get(A)).toBe(3);
});
