/** The month grid: pure arithmetic of dates as the server wrote them, without any zone. */

import type { Calendar, DayKind } from "../../shared/wire";

export interface Cell {
  date: string;
  day: number;
  kind: DayKind | null;
}

/** Weeks of seven cells; null where the week belongs to another month. `first` is 1 for Monday to 7 for Sunday. */
export function weeksOf(calendar: Calendar, first: number): (Cell | null)[][] {
  const [year = 0, month = 1] = calendar.month.split("-").map(Number);
  const length = new Date(Date.UTC(year, month, 0)).getUTCDate();
  const weekday = new Date(Date.UTC(year, month - 1, 1)).getUTCDay() || 7;
  const kinds = new Map(calendar.days.map((day) => [day.date, day.kind]));
  const cells: (Cell | null)[] = new Array<null>((weekday - first + 7) % 7).fill(null);
  for (let day = 1; day <= length; day++) {
    const date = `${calendar.month}-${String(day).padStart(2, "0")}`;
    cells.push({ date, day, kind: kinds.get(date) ?? null });
  }
  while (cells.length % 7 !== 0) cells.push(null);
  return Array.from({ length: cells.length / 7 }, (_, week) => cells.slice(week * 7, week * 7 + 7));
}

export function shiftMonth(month: string, by: number): string {
  const [year = 0, number = 1] = month.split("-").map(Number);
  return new Date(Date.UTC(year, number - 1 + by, 1)).toISOString().slice(0, 7);
}

/** Where a key moves the focus of the grid: a day of this month, or a step to another month. */
export function moveFocus(
  key: string,
  day: number,
  length: number,
  column: number,
): { day: number; month: number } | null {
  const steps: Record<string, number> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -7,
    ArrowDown: 7,
    Home: -column,
    End: 6 - column,
  };
  if (key === "PageUp" || key === "PageDown") return { day, month: key === "PageUp" ? -1 : 1 };
  const step = steps[key];
  if (step === undefined) return null;
  return { day: Math.min(length, Math.max(1, day + step)), month: 0 };
}

/** How the way to the next reward is drawn: steps since the one before, and those already done. */
export function progress(
  ladder: { day: number }[],
  current: number,
  next: { day: number; in: number },
): { done: number; of: number } {
  const before = ladder.reduce((most, step) => (step.day < next.day && step.day > most ? step.day : most), 0);
  const of = Math.max(1, next.day - before);
  return { done: Math.min(of, Math.max(0, Math.min(current - before, of - next.in))), of };
}
