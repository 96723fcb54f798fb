import { expect, it } from "vitest";
import { curve, lookAt, NAMES } from "../../src/ops/figures";
import { words } from "../../src/ops/words";
import { reading } from "./readings";

const course = (...told: [second: number, ...counters: string[]][]) =>
  told.map(([second, ...counters]) => lookAt(reading(second, counters)));
const values = (points: { value: number }[]) => points.map(({ value }) => value);
const asked = (...sums: [second: number, sum: number][]) =>
  course(
    ...sums.map(
      ([second, sum]) =>
        [second, `commands_total{kind="checkin.mark"} ${sum}`, 'commands_total{kind="b"} 1'] as [number, ...string[]],
    ),
  );

it("says how much grows a second, however far apart the readings are", () => {
  expect(values(curve(asked([0, 0], [2, 6], [4, 6], [14, 26]), "commands"))).toEqual([3, 0, 2]);
});

it("tells one kind from all", () => {
  const both = course([0], [2, 'commands_total{kind="checkin.mark"} 4', 'commands_total{kind="b"} 2']);
  expect([values(curve(both, "checkins")), values(curve(both, "commands"))]).toEqual([[2], [3]]);
});

it("counts from nothing after a restart", () => {
  expect(values(curve(asked([0, 100], [2, 4]), "checkins"))).toEqual([2]);
});

it("says how things were, waits in ms", () => {
  const levels = course([0, "connections 1", "loop_lag_seconds 0.02"], [2, "connections 3"]);
  expect([values(curve(levels, "people")), values(curve(levels, "lag"))]).toEqual([
    [1, 3],
    [20, 0],
  ]);
});

it("has words for each of them", () => {
  expect(NAMES.filter((name) => !words.value.figures[name])).toEqual([]);
});
