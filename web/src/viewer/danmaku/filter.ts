/** Which danmaku the viewer wants to see, and how: his own choice, applied to all but his own. Pure. */

import type { Kind, Settings } from "../../shared/settings";
import { type Flight, WHITE } from "../model";

/** A message as far as blocking looks at it. */
export interface Blockable {
  user: { id: string };
  text: string;
  mine: boolean;
}

type Blocks = Pick<Settings, "blockedWords" | "blockedUsers">;

/** Same text after folding width, case and space. */
export function foldText(text: string): string {
  return text.normalize("NFKC").toLowerCase().replace(/\s+/gu, " ").trim();
}

/** Whether a message is blocked: by its sender, or by a word anywhere in it. Words are plain text, never patterns. */
export function blocked(message: Blockable, { blockedWords, blockedUsers }: Blocks): boolean {
  if (message.mine || blockedWords.length + blockedUsers.length === 0) return false;
  if (blockedUsers.some((user) => user.id === message.user.id)) return true;
  const text = foldText(message.text);
  return blockedWords.some((word) => text.includes(foldText(word)));
}

/** The kinds of a danmaku that can be left out of the picture. */
export function kindsOf({ mode, color, emote }: Flight): Kind[] {
  const kinds: Kind[] = [mode === 5 ? "top" : mode === 4 ? "bottom" : "scroll"];
  if (color !== WHITE) kinds.push("coloured");
  if (emote !== null) kinds.push("emotes");
  return kinds;
}

/** The danmaku as it may fly, or null where the viewer does not want it in the picture. */
export function wished(flight: Flight, wish: Blocks & Pick<Settings, "without" | "white">): Flight | null {
  if (!flight.mine && (blocked(flight, wish) || kindsOf(flight).some((kind) => wish.without.includes(kind))))
    return null;
  return wish.white ? { ...flight, color: WHITE } : flight;
}
