import { beforeEach, expect, it } from "vitest";
import {
  blockUser,
  blockWord,
  choose,
  DEFAULTS,
  MOST_BLOCKED,
  readSettings,
  settings,
} from "../../src/shared/settings";

beforeEach(() => choose(DEFAULTS));

it("keeps what fits and replaces the rest by its default", () => {
  const kept = { version: 2, area: 1, scale: 99, speed: "fast", entrances: "mine", evil: "<b>", constructor: "x" };
  expect(readSettings(JSON.stringify(kept))).toEqual({ ...DEFAULTS, area: 1, entrances: "mine" });
});

it("takes over what the version before kept", () => {
  expect(readSettings('{"version": 1, "area": 0.75}')).toEqual({ ...DEFAULTS, area: 0.75 });
});

it("reads back what it keeps", () => {
  const chosen = {
    ...DEFAULTS,
    without: ["top" as const],
    blockedWords: ["spoiler"],
    blockedUsers: [{ id: "bo", name: "Bo" }],
    density: "few" as const,
    mode: 5,
  };
  expect(readSettings(JSON.stringify(chosen))).toEqual(chosen);
});

it.each([null, "", "{", "null", "[]", '{"version": 3, "area": 1}'])("starts anew from %j", (text) => {
  expect(readSettings(text)).toEqual(DEFAULTS);
});

it.each([
  ["blockedWords", ["x", 1]],
  ["blockedWords", [""]],
  ["blockedWords", Array.from({ length: MOST_BLOCKED + 1 }, (_, index) => `w${index}`)],
  ["blockedUsers", [{ name: "nobody" }]],
  ["without", ["sideways"]],
])("does not take %s from %j", (name, value) => {
  expect(readSettings(JSON.stringify({ version: 2, [name]: value }))).toEqual(DEFAULTS);
});

it("blocks a word once, and no more than the list holds", () => {
  expect([blockWord(" spoiler "), blockWord("spoiler"), blockWord("  ")]).toEqual([true, true, false]);
  expect(settings.value.blockedWords).toEqual(["spoiler"]);
  choose({ blockedWords: Array.from({ length: MOST_BLOCKED }, (_, index) => `w${index}`) });
  expect(blockWord("one more")).toBe(false);
});

it("blocks a person once", () => {
  expect([blockUser({ id: "bo", name: "Bo" }), blockUser({ id: "bo", name: "Robert" })]).toEqual([true, true]);
  expect(settings.value.blockedUsers).toEqual([{ id: "bo", name: "Bo" }]);
});
