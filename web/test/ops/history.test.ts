import { expect, it } from "vitest";
import { lately, levels, type Reading, rates, total, WINDOW_MS, withReading } from "../../src/ops/history";
import { reading, START } from "./readings";

const grown = (...sums: [second: number, sum: number][]) =>
  sums.map(([second, sum]) => reading(second, [`commands_total{kind="a"} ${sum}`, 'commands_total{kind="b"} 1']));
const values = (points: { value: number }[]) => points.map(({ value }) => value);

it("keeps ten minutes", () => {
  const history = [reading(0), reading(2), reading(4)].reduce<Reading[]>(withReading, []);
  const later = withReading(history, reading(WINDOW_MS / 1000 + 2));
  expect(later.map(({ at }) => (at - START) / 1000)).toEqual([4, WINDOW_MS / 1000 + 2]);
});

it("never has two readings of one moment, or of a clock that went back", () => {
  const history = [reading(0), reading(2), reading(2), reading(1)].reduce<Reading[]>(withReading, []);
  expect(history.map(({ at }) => (at - START) / 1000)).toEqual([0, 1]);
});

it("adds up what has the labels", () => {
  const [one] = grown([0, 4]);
  expect([total(one as Reading, "commands_total"), total(one as Reading, "commands_total", { kind: "a" })]).toEqual([
    5, 4,
  ]);
  expect(total(one as Reading, "nothing")).toBe(0);
});

it("says how much grows a second, however far apart the readings are", () => {
  expect(values(rates(grown([0, 0], [2, 6], [4, 6], [14, 26]), "commands_total"))).toEqual([3, 0, 2]);
});

it("counts from nothing after a restart", () => {
  expect(values(rates(grown([0, 100], [2, 4]), "commands_total", { kind: "a" }))).toEqual([2]);
  expect(lately(grown([0, 100], [2, 4]), "commands_total", { kind: "a" })).toBe(4);
});

it("says what came within the last minute", () => {
  expect(lately(grown([0, 10], [30, 11], [89, 15], [90, 17]), "commands_total")).toBe(6);
  expect(lately([], "commands_total")).toBe(0);
});

it("says how things were", () => {
  expect(values(levels([reading(0, ["rooms 1"]), reading(2, ["rooms 3"])], "rooms"))).toEqual([1, 3]);
});
