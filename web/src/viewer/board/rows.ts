/** Which rows of the board are shown: the first ones, those around me, and where others were left out. Pure. */

import type { Board, BoardRow } from "../../shared/wire";

export type Line = { row: BoardRow; mine: boolean } | { gap: true };

/** The first ones and my neighbours as one list in order of rank, each person once. */
export function boardLines(top: BoardRow[], around: BoardRow[], me: string | undefined): Line[] {
  const known = new Map([...top, ...around].map((row) => [row.user.id, row]));
  const rows = [...known.values()].sort((a, b) => a.rank - b.rank);
  return rows.flatMap((row, index): Line[] => {
    const before = rows[index - 1];
    const line: Line = { row, mine: row.user.id === me };
    return before && row.rank > before.rank + 1 ? [{ gap: true }, line] : [line];
  });
}

/** How I stand to my neighbours: days to who is ahead of me, and whether that place is only a matter of who was earlier. */
export function standing(
  around: BoardRow[],
  me: Board["me"],
  id: string | undefined,
): { ahead: BoardRow; days: number } | null {
  const at = around.findIndex((row) => row.user.id === id);
  const ahead = around[at - 1];
  return me && ahead ? { ahead, days: ahead.length - me.length } : null;
}
