import { expect, it } from "vitest";
import { closeReason, delayOf, toRefusal } from "../../src/shared/connection";

it.each([
  [
    { code: 1, message: "timeout" },
    { temporary: true, retryIn: null },
  ],
  [
    { code: 1003, message: "the store is away", temporary: true },
    { temporary: true, retryIn: null },
  ],
  [
    { code: 1200, message: "too many danmaku; retry in 1500 ms" },
    { temporary: true, retryIn: 1500, message: "too many danmaku" },
  ],
  [
    { code: 1001, message: "sign in first" },
    { temporary: false, retryIn: null },
  ],
  [{ code: 111, message: "too many requests" }, { temporary: true }],
])("reads the refusal %j", (error, expected) => {
  expect(toRefusal(error)).toMatchObject({ code: error.code, ...expected });
});

it("has a reason of its own for every close that a viewer can do something about", () => {
  expect([3503, 3005, 3500, 3504, 103].map(closeReason)).toEqual(["kicked", "expired", "invalid", "limit", "denied"]);
  expect(closeReason(3999)).toBe("other");
});

it("knows the refusals that let nobody in for a while", () => {
  expect([1003, 1010, 111, 1602].map(delayOf)).toEqual(["away", "busy", null, null]);
});
