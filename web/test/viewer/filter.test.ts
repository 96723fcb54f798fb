import { describe, expect, it } from "vitest";
import { DEFAULTS, type Settings } from "../../src/shared/settings";
import { blocked, kindsOf, wished } from "../../src/viewer/danmaku/filter";
import { type Flight, WHITE } from "../../src/viewer/model";

const GOLD = 16769126;
const flight = (change: Partial<Flight> = {}): Flight => ({
  id: "1",
  user: { id: "bo", name: "Bo", tier: 0 },
  text: "hello",
  emote: null,
  color: WHITE,
  mode: 1,
  size: 25,
  count: 1,
  mine: false,
  host: false,
  ...change,
});
const wish = (change: Partial<Settings>) => ({ ...DEFAULTS, ...change });

describe("what is blocked", () => {
  it.each([
    ["a word anywhere in it", { blockedWords: ["ell"] }, true],
    ["in any case, width and spacing", { blockedWords: ["ＨＥＬＬＯ"] }, true],
    ["another word", { blockedWords: ["bye"] }, false],
    ["a pattern, which is plain text", { blockedWords: ["h.*o"] }, false],
    ["its sender", { blockedUsers: [{ id: "bo", name: "Robert" }] }, true],
    ["somebody else of the same name", { blockedUsers: [{ id: "bo2", name: "Bo" }] }, false],
  ])("%s", (_, change, answer) => {
    expect(blocked(flight(), wish(change))).toBe(answer);
  });

  it("is never my own", () => {
    const all = wish({ blockedWords: ["hello"], blockedUsers: [{ id: "bo", name: "Bo" }], without: ["scroll"] });
    expect(wished(flight({ mine: true }), all)).not.toBeNull();
    expect([blocked(flight({ mine: true }), all), blocked(flight(), all)]).toEqual([false, true]);
  });
});

describe("kinds", () => {
  it("are by place, colour and emote", () => {
    expect(kindsOf(flight())).toEqual(["scroll"]);
    expect(kindsOf(flight({ mode: 5, color: GOLD }))).toEqual(["top", "coloured"]);
    expect(kindsOf(flight({ mode: 4, emote: "hello" }))).toEqual(["bottom", "emotes"]);
  });

  it("that are not wished for do not fly", () => {
    expect(wished(flight({ mode: 5 }), wish({ without: ["top"] }))).toBeNull();
    expect(wished(flight(), wish({ without: ["top"] }))).toEqual(flight());
  });
});

it("all is white where that is wished for, my own too", () => {
  expect(wished(flight({ color: GOLD, mine: true }), wish({ white: true }))?.color).toBe(WHITE);
});
