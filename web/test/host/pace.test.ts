import { describe, expect, it } from "vitest";
import { counted, EMPTY_PACE, joinedPaces, KEPT_MINUTES, minutes, perMinute } from "../../src/host/pace";

const START = 1_700_000_000_000;

function at(...messages: [second: number, count: number][]) {
  return messages.reduce((pace, [second, count]) => counted(pace, count, START + second * 1000), EMPTY_PACE);
}

describe("the pace of the chat", () => {
  it("is what came within the last minute", () => {
    const pace = at([0, 3], [30, 2], [59, 1]);
    expect(perMinute(pace, START + 59_000)).toBe(6);
    expect(perMinute(pace, START + 80_000)).toBe(3);
    expect(perMinute(pace, START + 180_000)).toBe(0);
  });

  it("is told for each of the last minutes, the present one last", () => {
    expect(minutes(at([0, 3], [60, 2]), START + 60_000, 3)).toEqual([0, 3, 2]);
  });

  it("forgets what is older than it shows, however long the evening", () => {
    const pace = at(...Array.from({ length: 2_000 }, (_, index): [number, number] => [index * 10, 1]));
    expect(pace.slots.length).toBeLessThanOrEqual(KEPT_MINUTES * 6);
    expect(perMinute(pace, START + 19_990_000)).toBe(6);
  });

  it("goes on from what was counted before the page was opened", () => {
    const joined = joinedPaces(at([0, 1], [30, 2], [45, 9]), at([31, 4], [59, 5]));
    expect(perMinute(joined, START + 59_000)).toBe(12);
    expect(joinedPaces(EMPTY_PACE, at([0, 1]))).toEqual(at([0, 1]));
    expect(joinedPaces(at([0, 1]), at([30, 2]))).toEqual(at([0, 1], [30, 2]));
  });

  it("does not change for nothing", () => {
    expect(counted(EMPTY_PACE, 0, START)).toBe(EMPTY_PACE);
  });
});
