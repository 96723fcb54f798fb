import { describe, expect, it } from "vitest";
import { graphemes, sends } from "../../src/shared/composition";

const key = (change: object) => ({ key: "Enter", shiftKey: false, isComposing: false, keyCode: 13, ...change });

/** The keys of typing "nihao", choosing the candidate with Enter, and sending with Enter. */
const orders = {
  "Chromium and Firefox": [
    key({ key: "n", isComposing: true, keyCode: 229 }),
    key({ isComposing: true, keyCode: 229 }),
    key({}),
  ],
  Safari: [key({ key: "n", isComposing: true, keyCode: 229 }), key({ isComposing: false, keyCode: 229 }), key({})],
};

describe("Enter", () => {
  it.each(Object.entries(orders))("sends once after a composition, in the order of %s", (_, keys) => {
    expect(keys.map(sends)).toEqual([false, false, true]);
  });

  it("breaks the line with Shift", () => {
    expect(sends(key({ shiftKey: true }))).toBe(false);
  });
});

describe("the length of a text", () => {
  it.each([
    ["hello", 5],
    ["你好", 2],
    ["👨‍👩‍👧‍👦", 1],
    ["e\u0301", 1],
    ["", 0],
  ])("%s is %i", (text, length) => {
    expect(graphemes(text)).toBe(length);
  });
});
