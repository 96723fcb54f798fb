/** What has a curve: pure. */

import { growth, type Reading, total } from "./reading";

interface Drawn {
  of: string;
  labels?: Record<string, string>;
  /** Whether it only grows, and is shown as how much a second. */
  grows?: boolean;
  times?: number;
  /** Up to where its scale goes at least. */
  least: number;
}

export const FIGURES = {
  people: { of: "connections", least: 10 },
  checkins: { of: "commands_total", labels: { kind: "checkin.mark" }, grows: true, least: 1 },
  commands: { of: "commands_total", grows: true, least: 1 },
  written: { of: "frames_written_total", grows: true, least: 10 },
  shed: { of: "shed_total", grows: true, least: 1 },
  refused: { of: "refusals_total", grows: true, least: 1 },
  lag: { of: "loop_lag_seconds", times: 1000, least: 100 },
  wait: { of: "commit_wait_seconds", times: 1000, least: 250 },
} satisfies Record<string, Drawn>;

export type Name = keyof typeof FIGURES;
export const NAMES = Object.keys(FIGURES) as Name[];

/** The figures of one moment, in ms, as the server counts them. */
export interface Look {
  at: number;
  sums: Record<Name, number>;
}

export interface Point {
  at: number;
  value: number;
}

export function lookAt(reading: Reading): Look {
  const sums = NAMES.map((name) => {
    const { of, labels, times = 1 }: Drawn = FIGURES[name];
    return [name, times * total(reading, of, labels)];
  });
  return { at: reading.at, sums: Object.fromEntries(sums) };
}

/** One figure over time; of what only grows, how much a second between one look and the next. */
export function curve(course: readonly Look[], name: Name): Point[] {
  const { grows }: Drawn = FIGURES[name];
  if (!grows) return course.map(({ at, sums }) => ({ at, value: sums[name] }));
  return course.slice(1).map(({ at, sums }, index) => {
    const before = course[index] as Look;
    return { at, value: (growth(before.sums[name], sums[name]) * 1000) / (at - before.at) };
  });
}
