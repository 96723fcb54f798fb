import { describe, expect, it } from "vitest";
import { keyOf } from "../../src/host/cues/keys";

const card = new EventTarget();
const button = new EventTarget();

function pressed(key: string, change: Partial<Parameters<typeof keyOf>[0]> = {}) {
  const plain = { altKey: false, ctrlKey: false, metaKey: false, isComposing: false, repeat: false };
  return keyOf({ key, ...plain, target: button, currentTarget: card, ...change });
}

describe("keys in the card", () => {
  it("say what becomes of it, in either case", () => {
    expect(["s", "S", "l", "x", "X"].map((key) => pressed(key))).toEqual([
      "shout",
      "shout",
      "later",
      "skipped",
      "skipped",
    ]);
    expect(pressed("q")).toBeNull();
    expect(pressed("Tab")).toBeNull();
  });

  it("leave Enter to a button that has the focus", () => {
    expect(pressed("Enter", { target: card })).toBe("said");
    expect(pressed("Enter")).toBeNull();
  });

  it.each(["altKey", "ctrlKey", "metaKey", "isComposing", "repeat"] as const)("do nothing with %s", (name) => {
    expect(pressed("s", { [name]: true })).toBeNull();
    expect(pressed("Enter", { target: card, [name]: true })).toBeNull();
  });
});
