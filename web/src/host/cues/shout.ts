/** A shout-out that is being written, and what became of the last one. */

import { signal } from "@preact/signals";
import { announce } from "../../shared/announce";
import { serverNow } from "../../shared/clock";
import { Refusal } from "../../shared/connection";
import { exact } from "../../shared/i18n";
import type { Person } from "../../shared/wire";
import type { Card } from "../model";
import { call, explain, onEffect } from "../store";
import { words } from "../words";
import { answer, writing } from "./desk";
import { scriptOf } from "./script";

const THANKED = 1205;

export interface Draft {
  to: Person;
  /** Whom else it may be for. */
  users: Person[];
  card: Card | null;
  /** Names the attempt, so that a second one is not a second shout-out. */
  key: string;
}

export interface Sent {
  name: string;
  reached: number | null;
  online: number | null;
}

export const draft = signal<Draft | null>(null);
export const text = signal("");
export const sending = signal(false);
export const trouble = signal("");
export const sent = signal<Sent | null>(null);
/** Who was thanked a moment ago, and when he may be again (the server's time, ms). */
export const cooling = signal<{ user: string; until: number } | null>(null);

/** Opens the composer for a person, or for those of a card. */
export function write(to: Person, card: Card | null = null): void {
  draft.value = { to, users: card?.users ?? [to], card, key: keyFor(card) };
  text.value = card ? scriptOf(card) : "";
  trouble.value = "";
  sent.value = null;
  writing.value = card !== null;
}

/** A card is one milestone, and leads to one shout-out at most. */
function keyFor(card: Card | null): string {
  return card && card.id.length <= 60 ? `cue-${card.id}` : crypto.randomUUID();
}

export function drop(): void {
  draft.value = null;
  writing.value = false;
  trouble.value = "";
}

/** What is being written from a card goes with it when the card is withdrawn: it tells what is hidden now. */
export function watchDraft(): void {
  onEffect((happened) => {
    if (happened.kind === "withdrawn" && draft.value?.card?.id === happened.cue) drop();
  });
}

export async function send(): Promise<void> {
  const now = draft.value;
  if (!now || sending.value || text.value.trim() === "") return;
  if (await shout(now, text.value.trim())) drop();
}

/** Turns a missed card into a shout-out at once. */
export function sendCard(card: Card): Promise<boolean> {
  return shout({ to: card.user, users: card.users, card, key: keyFor(card) }, scriptOf(card));
}

async function shout({ to, card, key }: Draft, message: string): Promise<boolean> {
  sending.value = true;
  trouble.value = "";
  cooling.value = null;
  try {
    const reply = await call<Omit<Sent, "name">>("shoutout.send", { to: to.id, text: message, key });
    sent.value = { name: to.name, reached: reply.reached, online: reply.online };
    announce(`${words.value.shoutTo(to.name)}: ${result(sent.value)}`);
    if (card) await answer(card, "said");
    return true;
  } catch (error) {
    trouble.value = explain(error);
    if (error instanceof Refusal && error.code === THANKED)
      cooling.value = { user: to.id, until: serverNow() + (error.retryIn ?? 0) };
    announce(trouble.value);
    return false;
  } finally {
    sending.value = false;
  }
}

export function result({ reached, online }: Sent): string {
  const t = words.value;
  return reached === null || online === null ? t.reachedEarlier : t.reached(exact(reached), exact(online));
}
