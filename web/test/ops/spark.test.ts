import { expect, it } from "vitest";
import { minutes, path } from "../../src/ops/spark";

const at = (...points: [second: number, value: number][]) =>
  points.map(([second, value]) => ({ at: second * 1000, value }));

it("ends at the right edge, the highest value at the top", () => {
  expect(path(at([0, 0], [2, 10]), 10, 1)).toBe("M299.0 57.0L300.0 3.0");
});

it("begins at the left edge when it is as long as the drawing is wide", () => {
  expect(path(at([0, 1], [600, 1]), 10, 1)).toBe("M0.0 3.0M300.0 3.0");
});

it("is as wide as what is known, a minute at least", () => {
  expect([at(), at([0, 1]), at([0, 1], [58, 1]), at([0, 1], [62, 1]), at([0, 1], [599, 1])].map(minutes)).toEqual([
    1, 1, 1, 2, 10,
  ]);
});

it("does not make much of little", () => {
  expect(path(at([0, 1]), 1, 10)).toBe("M300.0 51.6");
});

it("is broken where nothing is known", () => {
  expect(path(at([0, 0], [2, 0], [60, 0], [62, 0]), 2, 1).match(/M/g)).toHaveLength(2);
});

it("is nothing for nothing", () => {
  expect(path([], 1, 1)).toBe("");
});
