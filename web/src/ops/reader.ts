/** Asks the server how it is, every two seconds while somebody looks. */

import { batch, signal } from "@preact/signals";
import { readExposition } from "./exposition";
import { NOTHING, withReading } from "./history";
import { EVERY_MS, type Readiness, type Reading, type Standing } from "./reading";
import { tell, tellStanding } from "./voice";

export const standing = signal<Standing>("loading");
export const history = signal(NOTHING);
/** Seconds that the server asks to wait for; of the standing `wait`. */
export const waiting = signal(0);
/** How often it was asked, and what came of it is shown. */
export const looked = signal(0);
/** Whether a key was given that nothing is known of yet. */
export const trying = signal(false);

const PATIENCE_MS = 8_000;
const LONGEST_WAIT_S = 3_600;
const REFUSED: Record<number, Standing> = { 401: "locked", 404: "elsewhere", 429: "wait" };

/** The operator's key, for as long as the page is open and the server takes it: it is kept nowhere. */
let key = "";
let timer: ReturnType<typeof setTimeout> | undefined;
let looks = 0;

/** Looks now and then, until the page is hidden; again when it is shown. */
export function watchServer(): void {
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) clearTimeout(timer);
    else if (pause(standing.value) !== null) look();
  });
  addEventListener("pagehide", forget); // a browser may keep the whole page for who comes back
  look();
}

function forget(): void {
  key = "";
}

/** Looks with another key. */
export function unlock(given: string): void {
  key = given.trim();
  trying.value = true;
  look();
}

export async function look(): Promise<void> {
  clearTimeout(timer);
  looks += 1;
  const mine = looks;
  const found = await ask();
  if (mine !== looks) return; // another look has begun meanwhile
  batch(() => take(found));
  const wait = pause(standing.value);
  if (!document.hidden && wait !== null) timer = setTimeout(look, wait);
}

function take(found: Reading | Standing): void {
  const before = standing.value;
  looked.value += 1;
  trying.value = false;
  standing.value = typeof found === "string" ? found : "open";
  tellStanding(before, standing.value);
  if (standing.value === "wrong") forget();
  if (typeof found === "string") return;
  tell(history.value.recent.at(-1), found);
  history.value = withReading(history.value, found);
}

/** After so many ms it asks again; null: not by itself, as a key that is wrong would be counted against this address. */
function pause(now: Standing): number | null {
  if (now === "wait") return waiting.value * 1000;
  return now === "loading" || now === "open" || now === "silent" ? EVERY_MS : null;
}

async function ask(): Promise<Reading | Standing> {
  try {
    const headers: HeadersInit = key === "" ? {} : { Authorization: `Bearer ${ascii(key)}` };
    // Whoever sends the page elsewhere is not to be shown the key.
    const how: RequestInit = { signal: AbortSignal.timeout(PATIENCE_MS), redirect: "error", cache: "no-store" };
    const [readiness, metrics] = await Promise.all([fetch("/readyz", how), fetch("/metrics", { ...how, headers })]);
    if (!metrics.ok) return refused(metrics);
    return {
      at: Date.now(),
      readiness: (await readiness.json()) as Readiness,
      metrics: readExposition(await metrics.text()),
    };
  } catch {
    return "silent";
  }
}

function refused(answer: Response): Standing {
  const why = REFUSED[answer.status] ?? "silent";
  if (why === "wait") waiting.value = Math.min(Number(answer.headers.get("Retry-After")) || 60, LONGEST_WAIT_S);
  return why === "locked" && key !== "" ? "wrong" : why;
}

/** A header takes no other letters; no key has them. */
function ascii(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?");
}
