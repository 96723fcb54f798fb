/**
 * What the host does about people and what they said, and how he takes it back.
 *
 * What was deleted on every page cannot be brought back, so a deletion waits five seconds and may be hurried. A mute
 * takes hold at once, and is taken back by undoing it.
 */

import { signal } from "@preact/signals";
import { announce } from "../../shared/announce";
import type { Person } from "../../shared/wire";
import type { SaidRow } from "../model";
import { call, explain } from "../store";
import { words } from "../words";

export const UNDO_MS = 5000;
const MOST_SHOWN = 4;

/** Something just done or about to be done; `now` where it has not been done yet. */
export interface Step {
  id: string;
  text: string;
  endsAt: number;
  undo: (() => void) | null;
  now: (() => void) | null;
  failed: boolean;
}

export const steps = signal<Step[]>([]);
/** Keys of rows, and `@user` for all of somebody's, that are about to be deleted. */
export const doomed = signal<ReadonlySet<string>>(new Set());

export function removeOne(row: SaidRow): void {
  const t = words.value;
  removeLater(row.key, t.deleting(row.user.name), { id: row.key });
}

export function removeAll(user: Person): void {
  removeLater(`@${user.id}`, words.value.deletingAll(user.name), { user: user.id });
}

function removeLater(mark: string, text: string, what: { id: string } | { user: string }): void {
  if (doomed.value.has(mark)) return;
  doomed.value = new Set([...doomed.value, mark]);
  const end = () => {
    clearTimeout(timer);
    dropStep(step.id);
    doomed.value = new Set([...doomed.value].filter((one) => one !== mark));
  };
  const now = () => {
    end();
    void act("danmaku.remove", what, words.value.deletedOne);
  };
  const step = addStep({ text, undo: end, now });
  const timer = setTimeout(now, UNDO_MS);
}

/** Mutes at once, for some seconds or (null) until it is undone. */
export async function mute(user: Person, seconds: number | null, reason: string): Promise<void> {
  const t = words.value;
  const how = { user: user.id, key: crypto.randomUUID(), ...(seconds ? { seconds } : {}), ...because(reason) };
  if (!(await act("moderation.mute", how, t.muted(user.name)))) return;
  const undo = () => {
    dropStep(step.id);
    void lift("unmute", user);
  };
  const step = addStep({ text: t.muted(user.name), undo, now: null });
  setTimeout(() => dropStep(step.id), UNDO_MS);
}

export function putOut(how: "kick" | "ban", user: Person, reason: string): void {
  const data = { user: user.id, key: crypto.randomUUID(), ...because(reason) };
  void act(`moderation.${how}`, data, words.value.done(how, user.name));
}

export function lift(how: "unmute" | "unban", user: Person): Promise<boolean> {
  const data = { user: user.id, key: crypto.randomUUID() };
  return act(`moderation.${how}`, data, words.value.done(how, user.name));
}

function because(reason: string): { reason?: string } {
  const said = reason.trim().slice(0, 200);
  return said === "" ? {} : { reason: said };
}

/** Asks the room to do it; what became of it is told either way. */
async function act(method: string, data: Record<string, unknown>, done: string): Promise<boolean> {
  try {
    await call(method, data);
    announce(done);
    return true;
  } catch (error) {
    const step = addStep({ text: explain(error), undo: null, now: null, failed: true });
    setTimeout(() => dropStep(step.id), 2 * UNDO_MS);
    announce(step.text);
    return false;
  }
}

function addStep(made: Pick<Step, "text" | "undo" | "now"> & { failed?: boolean }): Step {
  const step = { failed: false, ...made, id: crypto.randomUUID(), endsAt: Date.now() + UNDO_MS };
  steps.value = [...steps.value, step].slice(-MOST_SHOWN);
  return step;
}

function dropStep(id: string): void {
  steps.value = steps.value.filter((step) => step.id !== id);
}

/** A page that is closed does what it said it would do. */
export function keepWord(): void {
  addEventListener("pagehide", () => {
    for (const step of steps.value) step.now?.();
  });
}
