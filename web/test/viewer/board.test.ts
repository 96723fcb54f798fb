import { describe, expect, it } from "vitest";
import type { BoardRow } from "../../src/shared/wire";
import { boardLines, standing } from "../../src/viewer/board/rows";

const row = (rank: number, length = 100 - rank): BoardRow => ({
  rank,
  user: { id: `u${rank}`, name: `U${rank}`, tier: 0 },
  length,
  total: length,
});
const ranks = (...args: Parameters<typeof boardLines>) =>
  boardLines(...args).map((line) => ("gap" in line ? "…" : line.mine ? `me ${line.row.rank}` : line.row.rank));

describe("the lines of the board", () => {
  it("are the first three and those around me, with a gap between", () => {
    expect(
      ranks(
        [1, 2, 3].map((n) => row(n)),
        [8, 9, 10].map((n) => row(n)),
        "u9",
      ),
    ).toEqual([1, 2, 3, "…", 8, "me 9", 10]);
  });

  it("have nobody twice where both meet", () => {
    expect(
      ranks(
        [1, 2, 3].map((n) => row(n)),
        [2, 3, 4, 5].map((n) => row(n)),
        "u4",
      ),
    ).toEqual([1, 2, 3, "me 4", 5]);
  });

  it("are the first ones alone for who is not on it", () => {
    expect(
      ranks(
        [1, 2].map((n) => row(n)),
        [],
        undefined,
      ),
    ).toEqual([1, 2]);
  });
});

describe("how I stand", () => {
  const around = [row(3, 12), row(4, 9), row(5, 9)];

  it("is told by who is ahead of me", () => {
    expect(standing(around, { rank: 4, length: 9, total: 9 }, "u4")).toMatchObject({ ahead: { rank: 3 }, days: 3 });
  });

  it("may be a matter of who was earlier", () => {
    expect(standing(around, { rank: 5, length: 9, total: 9 }, "u5")).toMatchObject({ ahead: { rank: 4 }, days: 0 });
  });

  it("is not told to the first, nor to who is not on it", () => {
    expect(standing(around, { rank: 3, length: 12, total: 12 }, "u3")).toBeNull();
    expect(standing(around, null, "me")).toBeNull();
  });
});
