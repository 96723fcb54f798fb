/** Emotes as the viewer reads them: by their words in his language. */

import { lang } from "../shared/i18n";
import { settings } from "../shared/settings";
import type { Emote } from "../shared/wire";
import { emotes } from "./store";

/** The words of an emote without their brackets. */
export function emoteName({ alt, alt_zh }: Pick<Emote, "alt" | "alt_zh">): string {
  return (lang.value === "zh" ? alt_zh : alt).replace(/^\[(.*)\]$/u, "$1");
}

/** What a message says: an emote of the catalogue in the viewer's language, as a badge or, if he wishes, in brackets. */
export function saidText({ text, emote }: { text: string; emote: string | null }): string {
  if (emote === null) return text;
  const known = emotes.value.find((one) => one.id === emote);
  const name = known ? emoteName(known) : text.replace(/^\[(.*)\]$/u, "$1");
  return settings.value.emotesAsWords ? `[${name}]` : name;
}
