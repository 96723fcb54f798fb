/** What a screen reader says by itself, once each: that something is bad now, that the server fell silent or is back. */

import { announce } from "../shared/announce";
import type { Reading, Standing } from "./reading";
import { worse } from "./verdicts";
import { words } from "./words";

/** Tells what has become bad; at the first reading nothing has, it is read with the page. */
export function tell(before: Reading | undefined, now: Reading): void {
  const { told } = words.value;
  for (const { about, state } of before ? worse(before, now) : []) {
    const [title, text] = told[about][state] ?? [state, ""];
    announce(text ? `${title}. ${text}` : title);
  }
}

/** Tells that the server does not answer, or does again. */
export function tellStanding(before: Standing, now: Standing): void {
  if (before === now) return;
  if (now === "silent") announce(words.value.silent);
  if (now === "open" && before !== "loading") announce(words.value.answers);
}
