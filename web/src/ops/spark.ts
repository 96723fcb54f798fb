/** A line over time as the path of a drawing, 300 by 60: pure. */

import type { Point } from "./figures";
import { EVERY_MS } from "./reading";

export const WIDTH = 300;
export const HEIGHT = 60;
/** After so long without a reading the line is broken. */
const BROKEN_MS = 4 * EVERY_MS;
const MARGIN = 3;
const MINUTE_MS = 60_000;

/** How many minutes a drawing of these points is wide: as many as they are apart, one at least. */
export function minutes(points: readonly { at: number }[]): number {
  const apart = (points.at(-1)?.at ?? 0) - (points[0]?.at ?? 0);
  return Math.max(1, Math.ceil(apart / MINUTE_MS));
}

/** The line up to the newest point, so many minutes wide; its top is the highest value, at least `least`. */
export function path(points: readonly Point[], wide: number, least: number): string {
  const end = points.at(-1)?.at ?? 0;
  const top = Math.max(least, ...points.map(({ value }) => value));
  return points
    .map(({ at, value }, index) => {
      const x = WIDTH - ((end - at) / (wide * MINUTE_MS)) * WIDTH;
      const y = HEIGHT - MARGIN - (value / top) * (HEIGHT - 2 * MARGIN);
      const before = points[index - 1]?.at;
      const begins = before === undefined || at - before > BROKEN_MS;
      return `${begins ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`;
    })
    .join("");
}
