/** Sending a message: its text stays in the box until the room has answered. */

import { signal } from "@preact/signals";
import { serverNow } from "../../shared/clock";
import { Refusal } from "../../shared/connection";
import { words } from "../../shared/i18n";
import { settings } from "../../shared/settings";
import { storage } from "../../shared/storage";
import { warn } from "../../shared/warn";
import type { SendReply, Style } from "../../shared/wire";
import { WHITE } from "../model";
import { call, dispatch, noteSeen, styles, visit } from "../store";

export const MOST_GRAPHEMES = 100;

const kept = storage("sessionStorage");
const slot = `roomserver.draft.${visit.room}`;

export const draft = signal(kept.getItem(slot) ?? "");
export const sending = signal(false);
/** Why the last message was not taken; empty when it was. */
export const trouble = signal("");
/** The server's time before which it would refuse the next message. */
export const openAt = signal(0);
let last = "";

export function write(text: string): void {
  trouble.value = "";
  draft.value = text;
  kept.setItem(slot, text);
}

/** The text sent last, for the arrow key. */
export function lastText(): string {
  return last;
}

/** The style that own messages are sent in: the chosen one while it is open to me, else the best one. */
export function ownStyle(): Style | null {
  const open = styles.value.filter((style) => !style.locked);
  return open.find((style) => style.id === settings.value.style) ?? open.at(-1) ?? null;
}

export async function sendDraft(): Promise<void> {
  const text = draft.value.trim();
  if (text === "" || sending.value || openAt.value > serverNow()) return;
  const key = crypto.randomUUID();
  const style = ownStyle();
  sending.value = true;
  trouble.value = "";
  dispatch({ kind: "sending", key, text, color: style?.color ?? WHITE });
  try {
    const reply = await call<SendReply>("danmaku.send", { text, key, ...(style ? { style: style.id } : {}) });
    noteSeen(reply.id);
    dispatch({ kind: "sent", key, reply });
    last = text;
    if (draft.value.trim() === text) write("");
  } catch (error) {
    dispatch({ kind: "unsent", key });
    trouble.value = explain(error);
  } finally {
    sending.value = false;
  }
}

function explain(error: unknown): string {
  const t = words.value;
  if (!(error instanceof Refusal)) {
    warn("a message could not be sent", error);
    return t.notSent(String(error));
  }
  if (error.retryIn !== null) {
    openAt.value = serverNow() + error.retryIn;
    return ""; // the box counts the seconds
  }
  return error.code < 100 ? t.lostConnection : (t.refusal(error.code) ?? t.notSent(error.message));
}
