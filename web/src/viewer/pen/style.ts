/** How a style is offered. Pure. */

import type { GrowthPath, Style } from "../../shared/wire";

export function cssColor(style: Pick<Style, "color"> | null): string {
  return `#${(style?.color ?? 16777215).toString(16).padStart(6, "0")}`;
}

/** What is missing to a level, where the member's way to it is known. */
export function missingTo(level: number | undefined, path: GrowthPath | undefined, score: number): number | null {
  const tier = path?.tiers.find((one) => one.level === level);
  return tier ? Math.max(0, tier.at - score) : null;
}

/** Where the arrow keys lead in a list of so many; null for other keys. */
export function rove(key: string, at: number, length: number, columns = 1): number | null {
  const steps: Record<string, number> = {
    ArrowRight: 1,
    ArrowLeft: -1,
    ArrowDown: columns,
    ArrowUp: -columns,
    Home: -at,
    End: length - 1 - at,
  };
  const step = steps[key];
  if (step === undefined) return null;
  const next = at + step;
  if (columns > 1) return next >= 0 && next < length ? next : at;
  return (next + length) % length;
}
