/** The desk as the host works with it: the card that is shown, what holds it, and what he does with it. */

import { computed, effect, signal } from "@preact/signals";
import { announce } from "../../shared/announce";
import { second, serverNow } from "../../shared/clock";
import { Refusal } from "../../shared/connection";
import { storage } from "../../shared/storage";
import type { Card } from "../model";
import { isOwn } from "../state";
import { call, cues, dispatch, explain, me, missed, onEffect } from "../store";
import type { Outcome, Regular } from "../wire";
import { words } from "../words";
import { current, type Shown } from "./queue";
import { scriptOf } from "./script";

const LATER_MS = 120_000;
const UNKNOWN_CUE = 1800;

const shown = signal<Shown | null>(null);
/** The one before: who put it away is told when it is gone already. */
let last: string | null = null;
export const pointed = signal(false);
export const focused = signal(false);
/** The shout-out of a card is being written. */
export const writing = signal(false);
export const busy = signal(false);
/** What is to be said about the last thing done. */
export const note = signal("");

export const held = computed(() => pointed.value || focused.value || writing.value);
export const card = computed(() => current(cues.value, missed.value, shown.value, held.value, second.value));

const kept = storage("localStorage");
const SLOT = "roomserver.host.keys";
export const keysOn = signal(kept.getItem(SLOT) !== "off");

export function setKeys(on: boolean): void {
  keysOn.value = on;
  kept.setItem(SLOT, on ? "on" : "off");
}

/** Remembers what is shown, and says aloud what is new. */
export function watchDesk(): void {
  effect(() => {
    const now = card.value?.id ?? null;
    const before = shown.peek()?.id ?? null;
    if (now === before) return;
    last = before;
    shown.value = now === null ? null : { id: now, since: serverNow() };
  });
  onEffect((happened) => {
    const t = words.value;
    if (happened.kind === "cue") announce(t.cueSaid(scriptOf(happened.card)));
    else if (happened.kind === "missed") announce(t.missedSaid(happened.count), { important: false });
    else if (happened.cue === last && happened.kind === "withdrawn") tell(t.withdrawn);
    else if (happened.kind === "taken" && happened.by.id !== me.value?.id && happened.cue === last)
      tell(t.takenBy(happened.by.name));
  });
}

function tell(text: string): void {
  note.value = text;
  if (text) announce(text);
}

/** Puts a card away; one of the page's own comes back later by itself. */
export async function answer(answered: Card, outcome: Outcome): Promise<void> {
  if (busy.value) return;
  note.value = "";
  if (isOwn(answered)) {
    dispatch({ kind: "gone", cue: answered.id });
    if (outcome === "later") setTimeout(() => dispatch({ kind: "own-cards", cards: [answered] }), LATER_MS);
    return;
  }
  busy.value = true;
  try {
    await call("host.cue_done", { id: answered.id, outcome, key: crypto.randomUUID() });
    dispatch({ kind: "gone", cue: answered.id });
  } catch (error) {
    if (error instanceof Refusal && error.code === UNKNOWN_CUE) dispatch({ kind: "gone", cue: answered.id });
    tell(explain(error));
  } finally {
    busy.value = false;
  }
}

/** A card that shows how cards look. */
export function showSample(): void {
  const t = words.value;
  const user = { id: "", name: t.testName, tier: 0 };
  const sample = { id: `test-${crypto.randomUUID()}`, user, users: [user], count: 1, script: t.testScript };
  dispatch({ kind: "own-cards", cards: [{ ...sample, kind: "test", priority: 0, expires_at: null }] });
}

/** Those who were called come one after another, to be spoken to. */
export function showCalled(called: Regular[]): void {
  const cards: Card[] = called.map((user) => ({
    id: `call-${user.id}-${Date.now()}`,
    kind: "call",
    priority: 35,
    user,
    users: [user],
    count: 1,
    script: words.value.callScript(user.name, user.days, user.away),
    expires_at: null,
  }));
  dispatch({ kind: "own-cards", cards });
}
