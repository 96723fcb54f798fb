/** How a page that stays open learns of a new day: the server alone knows when days change. */

import { warn } from "../../shared/warn";
import type { Calendar, Card } from "../../shared/wire";
import { call, checkin, dispatch, isGuest, onEffects, ready, room } from "../store";

const PERIOD_MS = 600_000;
const LEAST_MS = 60_000;

let asked = 0;

export function watchDay(): void {
  setInterval(() => void look(), PERIOD_MS);
  document.addEventListener("visibilitychange", () => void look());
  onEffects((effects) => {
    // Where days are those of streams, a new stream may ask for a new check-in.
    const begun = effects.some((effect) => effect.kind === "live" && effect.live);
    if (begun && !isGuest.value && room.value?.cadence !== "daily") void renewCard();
  });
}

async function look(): Promise<void> {
  const waits = document.hidden || !ready.value || isGuest.value || !checkin.value?.done;
  if (waits || performance.now() - asked < LEAST_MS) return;
  asked = performance.now();
  await renewCard();
}

/** Asks for the card, which says whether today is in. */
export async function renewCard(): Promise<void> {
  try {
    dispatch({ kind: "card", card: await call<Card>("membership.card") });
  } catch (error) {
    warn("the card could not be renewed", error);
  }
}

/** Loads the month of a credited day when it is not the one the page shows. */
export async function followMonth(month: string): Promise<void> {
  if (checkin.value?.month.month !== month) await loadMonth(month);
}

/** Days were excused, or given back: the month that is shown and the card are asked for anew. */
export async function renewDays(): Promise<void> {
  const month = checkin.value?.month.month;
  if (month === undefined || isGuest.value) return;
  await Promise.all([loadMonth(month), renewCard()]);
}

async function loadMonth(month: string): Promise<void> {
  try {
    dispatch({ kind: "month", month: await call<Calendar>("checkin.calendar", { month }) });
  } catch (error) {
    warn("the new month could not be loaded", error);
  }
}
