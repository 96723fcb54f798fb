import { expect, it } from "vitest";
import { cssColor, missingTo, rove } from "../../src/viewer/pen/style";

it("writes a colour as a style sheet does", () => {
  expect([cssColor({ color: 255 }), cssColor(null)]).toEqual(["#0000ff", "#ffffff"]);
});

it("says what is missing to a level, where the way is known", () => {
  const path = { tiers: [{ level: 4, name: "Pink", at: 1000, reached: false }], history: [], until: null };
  expect([
    missingTo(4, path, 680),
    missingTo(4, path, 2000),
    missingTo(5, path, 0),
    missingTo(4, undefined, 0),
  ]).toEqual([320, 0, null, null]);
});

it.each([
  ["ArrowRight", 2, 0],
  ["ArrowLeft", 0, 2],
  ["Home", 2, 0],
  ["End", 0, 2],
  ["Tab", 1, null],
])("%s from %i leads to %j in a row of three", (key, at, to) => {
  expect(rove(key, at, 3)).toBe(to);
});

it.each([
  ["ArrowDown", 1, 4],
  ["ArrowDown", 4, 4],
  ["ArrowUp", 4, 1],
  ["ArrowUp", 1, 1],
])("%s from %i leads to %i in a grid of three columns and five cells", (key, at, to) => {
  expect(rove(key, at, 5, 3)).toBe(to);
});
