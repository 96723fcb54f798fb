import { expect, it } from "vitest";
import { DEFAULTS, readSettings } from "../../src/shared/settings";

it("keeps what fits and replaces the rest by its default", () => {
  const text = JSON.stringify({ version: 1, area: 1, scale: 99, speed: "fast", entrances: "mine", evil: "<b>" });
  expect(readSettings(text)).toEqual({ ...DEFAULTS, area: 1, entrances: "mine" });
});

it.each([null, "", "{", "null", "[]", '{"version": 2, "area": 1}'])("starts anew from %j", (text) => {
  expect(readSettings(text)).toEqual(DEFAULTS);
});
