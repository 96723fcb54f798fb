import { describe, expect, it } from "vitest";
import type { Receipt } from "../../src/shared/wire";
import { isOld, readAttempt, takeAttempt, writeAttempt } from "../../src/viewer/checkin/attempt";

const keeper = (text: string | null) => {
  let kept = text;
  return {
    getItem: () => kept,
    setItem: (_: string, value: string) => {
      kept = value;
    },
  };
};
const receipt = (replayed: boolean, at: number) => ({ replayed, at }) as Receipt;

describe("an attempt", () => {
  it("is the same after a reload", () => {
    const keep = keeper(null);
    const first = takeAttempt(keep, "slot", 1000, () => "a");
    expect(takeAttempt(keep, "slot", 9000, () => "b")).toEqual(first);
  });

  it("is read back as it was written", () => {
    expect(readAttempt(writeAttempt({ key: "k", since: 5 }))).toEqual({ key: "k", since: 5 });
    expect([readAttempt(null), readAttempt(""), readAttempt("k")]).toEqual([null, null, { key: "k", since: 0 }]);
  });
});

describe("a receipt", () => {
  const attempt = { key: "k", since: 1000 };

  it("is old news when the day was in before I tried", () => {
    expect(isOld(receipt(true, 999), attempt)).toBe(true);
  });

  it("is mine when only its reply was lost", () => {
    expect(isOld(receipt(true, 1001), attempt)).toBe(false);
    expect(isOld(receipt(false, 999), attempt)).toBe(false);
  });
});
