import { describe, expect, it } from "vitest";
import { en } from "../../src/host/words/en";
import { zh } from "../../src/host/words/zh";

/** Every text of a catalogue by its path; functions are asked with samples. */
function texts(catalogue: object, path = ""): [string, string][] {
  return Object.entries(catalogue).flatMap(([name, value]): [string, string][] => {
    const here = `${path}${name}`;
    if (typeof value === "string") return [[here, value]];
    if (typeof value === "object" && value !== null) return texts(value, `${here}.`);
    return [];
  });
}

describe("the console's words", () => {
  it("are there in both languages, and none is empty", () => {
    const paths = (catalogue: object) => texts(catalogue).map(([path]) => path);
    expect(paths(zh)).toEqual(paths(en));
    expect([...texts(en), ...texts(zh)].filter(([, text]) => text.trim() === "")).toEqual([]);
  });

  it("count one and many", () => {
    expect([en.missedSaid(1), en.missedSaid(2)]).toEqual(["1 card was missed", "2 cards were missed"]);
    expect(en.regular(31, 1)).toBe("31 days · back after 1 day");
    expect(zh.regular(31, 4)).toBe("31 天 · 时隔 4 天");
    expect(en.call(0)).toBe("Call");
  });

  it("explain the same refusals", () => {
    const known = (catalogue: typeof en) =>
      Array.from({ length: 2000 }, (_, code) => code).filter((code) => catalogue.refusal(code) !== null);
    expect(known(zh)).toEqual(known(en));
  });
});
