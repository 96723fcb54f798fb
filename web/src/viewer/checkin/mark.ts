/** The check-in moment: one key per attempt, tried until the receipt is here, and no tick before it. */

import { signal } from "@preact/signals";
import { announce } from "../../shared/announce";
import { serverNow } from "../../shared/clock";
import { Refusal } from "../../shared/connection";
import { moment, words } from "../../shared/i18n";
import { storage } from "../../shared/storage";
import { warn } from "../../shared/warn";
import type { Receipt } from "../../shared/wire";
import { call, checkin, dispatch, me, onEffects, ready, room, visit } from "../store";
import { type Attempt, isOld, takeAttempt } from "./attempt";
import { waitFor } from "./presence";
import { followMonth, renewCard, renewDays } from "./today";

export type Phase =
  | { kind: "idle" }
  | { kind: "pressed" }
  | { kind: "sending" }
  | { kind: "slow" }
  | { kind: "refused"; code: number; text: string }
  /** `old`: the day was in before this attempt began. */
  | { kind: "done"; receipt: Receipt; old: boolean };

/** Codes that the same key answers later: what failed is the way to the store, not the check-in. */
const PASSING = [100, 111, 1003, 1004, 1010];
/** Not long enough here; no stream today, or none right now. */
const ABSENT = 1403;
const NO_STREAM = [1404, 1407];
/** The day is in, though its receipt is gone: the card says so. */
const ALREADY = 1401;
const SENDING_MS = 400;
const SLOW_MS = 3000;
const MOST_WAIT_MS = 15_000;

export const phase = signal<Phase>({ kind: "idle" });
const kept = storage("sessionStorage");
let running = false;

/** Where an attempt's key is kept: per member, so that another one in this tab makes his own. */
function slot(): string {
  return `roomserver.checkin.${visit.room}.${me.value?.user.id ?? visit.user}`;
}

/** Whether today is in, as the server told it. */
export function doneToday(): boolean {
  return checkin.value?.done ?? false;
}

/** Checks in; further taps while it runs do nothing. */
export async function markToday(): Promise<void> {
  if (running || doneToday()) return;
  running = true;
  const attempt = takeAttempt(kept, slot(), serverNow(), () => crypto.randomUUID());
  phase.value = { kind: "pressed" };
  const timers = [
    setTimeout(() => move("pressed", { kind: "sending" }), SENDING_MS),
    setTimeout(() => {
      phase.value = { kind: "slow" };
      announce(room.value?.storage === "away" ? words.value.waitingStore : words.value.waiting);
    }, SLOW_MS),
  ];
  try {
    finish(await untilAnswered(attempt.key), attempt);
  } catch (error) {
    refuse(error);
  } finally {
    for (const timer of timers) clearTimeout(timer);
    running = false;
  }
}

/** Takes up an attempt that a reload interrupted. */
export function resumeMark(): void {
  if (kept.getItem(slot()) === null) return;
  if (doneToday()) kept.removeItem(slot());
  else void markToday();
}

function move(from: Phase["kind"], to: Phase): void {
  if (phase.value.kind === from) phase.value = to;
}

/** Sends the same key again after every time-out and every temporary refusal: it cannot count twice. */
async function untilAnswered(key: string): Promise<Receipt> {
  for (let wait = 1000; ; wait = Math.min(wait * 2, MOST_WAIT_MS)) {
    try {
      return await call<Receipt>("checkin.mark", { key });
    } catch (error) {
      if (!(error instanceof Refusal) || (error.code >= 100 && !PASSING.includes(error.code))) throw error;
      await pause(Math.max(wait, error.retryIn ?? 0));
      await whenReady();
    }
  }
}

function finish(receipt: Receipt, attempt: Attempt): void {
  kept.removeItem(slot());
  dispatch({ kind: "receipt", receipt });
  void followMonth(receipt.day.slice(0, 7));
  const old = isOld(receipt, attempt);
  phase.value = { kind: "done", receipt, old };
  const t = words.value;
  const rewards = receipt.points > 0 ? t.plusPoints(receipt.points) : "";
  const next = receipt.next ? t.moreToSentence(receipt.next.in, receipt.next.title) : "";
  announce(old ? t.already(moment(receipt.at, serverNow())) : t.said(receipt.streak, rewards, next));
}

function refuse(error: unknown): void {
  kept.removeItem(slot());
  const { code, message } = error instanceof Refusal ? error : { code: 0, message: String(error) };
  if (!(error instanceof Refusal)) warn("check-in failed", error);
  const retryIn = error instanceof Refusal ? error.retryIn : null;
  if (code === ABSENT && retryIn !== null) {
    waitFor(retryIn);
    phase.value = { kind: "idle" };
    return;
  }
  phase.value = { kind: "refused", code, text: message };
  announce(refusalText(code, message), { urgent: true });
  if (code === ALREADY) void renewCard();
}

/** Why today's check-in was refused, and what still holds. */
export function refusalText(code: number, text: string): string {
  const t = words.value;
  if (!NO_STREAM.includes(code)) return t.refused(code, text);
  if (room.value?.live) return t.streamTooShort(room.value.live_minutes ?? 0);
  const next = room.value?.schedule?.next_at ?? null;
  return next === null ? t.noStream : `${t.noStream} ${t.nextAt(moment(next, serverNow()))}`;
}

/** Hears when a stream begins: what was refused for want of one may be asked again; and of a check-in in another tab. */
export function watchStream(): void {
  onEffects((effects) => {
    const moved = effects.some((effect) => effect.kind === "days" && !(effect.marked && running));
    if (moved) void renewDays();
    const begun = effects.some((effect) => effect.kind === "live" && effect.live);
    if (begun && phase.value.kind === "refused" && NO_STREAM.includes(phase.value.code)) phase.value = { kind: "idle" };
  });
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}

function whenReady(): Promise<void> {
  return new Promise((done) => {
    let stop = () => {};
    stop = ready.subscribe((open) => {
      if (!open) return;
      queueMicrotask(() => stop());
      done();
    });
  });
}
