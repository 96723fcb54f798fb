import { expect, it } from "vitest";
import { HANDFUL, Tally } from "../../src/viewer/like/tally";

it("sends taps by the handful", () => {
  const tally = new Tally();
  for (let tap = 0; tap < 25; tap++) tally.tap();
  expect([tally.take(), tally.take(), tally.take()]).toEqual([HANDFUL, 5, 0]);
});

it("keeps a handful that was not taken", () => {
  const tally = new Tally();
  tally.tap();
  tally.giveBack(tally.take());
  expect([tally.waiting, tally.take()]).toEqual([1, 1]);
});

it("counts no more taps than the room will take soon", () => {
  const tally = new Tally();
  const counted = Array.from({ length: 100 }, () => tally.tap()).filter(Boolean).length;
  expect(counted).toBe(60);
});
