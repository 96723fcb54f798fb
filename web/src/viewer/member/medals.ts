/** Medals: which were earned, which of them shine with the streak as it is, and which comes next. Pure. */

import type { Card, CheckIn, Medal, Step } from "../../shared/wire";

export interface OnWall extends Medal {
  /** dimmed: earned, by a streak that is not so long any more. */
  state: "lit" | "dimmed" | "ahead";
  /** The days in a row, or the check-ins in all, that it takes, and how many of them are missing. */
  day: number;
  by?: "total";
  missing: number;
}

type Standing = Pick<Card, "medals" | "streak">;

/** Every medal once: those of the ladders in their order, then those from elsewhere, which always shine. */
export function wall({ medals, streak }: Standing, { ladder, current }: Pick<CheckIn, "ladder" | "current">): OnWall[] {
  const known = new Map<string, OnWall>();
  for (const { medal, day, by } of ladder) {
    if (!medal || known.has(medal.id)) continue;
    const missing = Math.max(0, day - (by ? streak.total : current));
    const earned = medals.some((one) => one.id === medal.id);
    const state = !earned ? "ahead" : missing > 0 ? "dimmed" : "lit";
    known.set(medal.id, { ...medal, day, ...(by ? { by } : {}), missing, state });
  }
  for (const medal of medals)
    if (!known.has(medal.id)) known.set(medal.id, { ...medal, state: "lit", day: 0, missing: 0 });
  return [...known.values()];
}

/** The id of the medal beside one's own name, as the server chooses it: the highest that shines, of the streak first. */
export function worn(me: (Standing & Pick<Card, "settings">) | null, checkin: CheckIn | null): string | undefined {
  if (!me || !checkin || me.settings?.hide_streak) return undefined;
  const lit = wall(me, checkin).filter((one) => one.state === "lit" && one.day > 0);
  return (lit.findLast((one) => !one.by) ?? lit.at(-1))?.id;
}

/** The medals of the ladders by their ids. */
export function medalsOf(ladder: Step[]): Map<string, { title: string; day: number }> {
  return new Map(ladder.flatMap(({ medal, day }) => (medal ? [[medal.id, { title: medal.title, day }]] : [])));
}
