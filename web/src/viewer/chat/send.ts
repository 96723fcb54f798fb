/** Sending a message: its text stays in the box until the room has answered. */

import { computed, signal } from "@preact/signals";
import { second, serverNow } from "../../shared/clock";
import { Refusal } from "../../shared/connection";
import { words } from "../../shared/i18n";
import { choose, settings } from "../../shared/settings";
import { storage } from "../../shared/storage";
import { warn } from "../../shared/warn";
import type { Emote, SendReply, Style } from "../../shared/wire";
import { renewCard } from "../checkin/today";
import { emoteName } from "../emotes";
import { WHITE } from "../model";
import { call, dispatch, isStaff, me, onEffects, room, styles, visit } from "../store";
import { barFor, openAfter } from "./rules";

export const MOST_GRAPHEMES = 100;
const RECENT = 8;
const MUTED = [1600, 1601];

const kept = storage("sessionStorage");
const slot = `roomserver.draft.${visit.room}`;

export const draft = signal(kept.getItem(slot) ?? "");
export const sending = signal(false);
/** Why the last message was not taken; empty when it was. */
export const trouble = signal("");
/** The server's time before which it would refuse the next message. */
export const openAt = signal(0);
let last = "";

/** Why the viewer may not write now, or null. */
export const bar = computed(() => {
  const speaker = { staff: isStaff.value, tier: me.value?.tier.level ?? 0, muted: me.value?.muted };
  const until = me.value?.muted?.until;
  return barFor(speaker, room.value?.settings ?? {}, until ? second.value : 0);
});

onEffects((effects) => {
  const slow = room.value?.settings.slow_seconds ?? 0;
  if (slow === 0 && effects.some((effect) => effect.kind === "modes")) openAt.value = 0; // nobody has to wait any more
});

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

/** The way in which own messages are shown, as far as the style allows it. */
export function ownMode(): number {
  const { mode } = settings.value;
  return ownStyle()?.modes.includes(mode) ? mode : 1;
}

export async function sendDraft(): Promise<void> {
  const text = draft.value.trim();
  if (text === "") return;
  if (!(await send(text, null))) return;
  last = text;
  if (draft.value.trim() === text) write("");
}

/** Sends an emote at once; true when it was taken. */
export async function sendEmote(emote: Emote): Promise<boolean> {
  const taken = await send(`[${emoteName(emote)}]`, emote.id);
  if (taken) {
    const others = settings.value.recentEmotes.filter((id) => id !== emote.id);
    choose({ recentEmotes: [emote.id, ...others].slice(0, RECENT) });
  }
  return taken;
}

async function send(text: string, emote: string | null): Promise<boolean> {
  if (sending.value || openAt.value > serverNow()) return false;
  const key = crypto.randomUUID();
  const style = ownStyle();
  sending.value = true;
  trouble.value = "";
  dispatch({ kind: "sending", key, text, emote, color: style?.color ?? WHITE });
  try {
    const what = emote === null ? { text } : { emote };
    const way = { ...(style ? { style: style.id } : {}), ...(ownMode() === 1 ? {} : { mode: ownMode() }) };
    const reply = await call<SendReply>("danmaku.send", { ...what, ...way, key });
    dispatch({ kind: "sent", key, reply });
    openAt.value = openAfter(serverNow(), isStaff.value, room.value?.settings ?? {});
    return true;
  } catch (error) {
    dispatch({ kind: "unsent", key });
    trouble.value = explain(error);
    return false;
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
  if (MUTED.includes(error.code)) {
    void renewCard(); // it says until when, and why
    return "";
  }
  if (error.retryIn !== null) {
    openAt.value = serverNow() + error.retryIn;
    return ""; // the box counts the seconds
  }
  return error.code < 100 ? t.lostConnection : (t.refusal(error.code) ?? t.notSent(error.message));
}
