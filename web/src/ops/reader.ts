/** Asks the server how it is, every two seconds while somebody looks. */

import { batch, signal } from "@preact/signals";
import { readExposition } from "./exposition";
import { NOTHING, withReading } from "./history";
import { EVERY_MS, type Readiness, type Reading, type Standing } from "./reading";

export const standing = signal<Standing>("loading");
export const history = signal(NOTHING);
/** Seconds that the server asks to wait for; of the standing `wait`. */
export const waiting = signal(0);

const PATIENCE_MS = 8_000;
const REFUSED: Record<number, Standing> = { 401: "locked", 404: "elsewhere", 429: "wait" };

/** The operator's key, for as long as the page is open: it is kept nowhere. */
let key = "";
let timer: ReturnType<typeof setTimeout> | undefined;
let looks = 0;

/** Looks now and then, until the page is hidden; again when it is shown. */
export function watchServer(): void {
  document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : look()));
  look();
}

/** Looks with another key. */
export function unlock(given: string): void {
  key = given.trim();
  look();
}

export async function look(): Promise<void> {
  clearTimeout(timer);
  looks += 1;
  const mine = looks;
  const found = await ask();
  if (mine !== looks) return; // another look has begun meanwhile
  batch(() => {
    if (typeof found === "string") standing.value = found;
    else {
      standing.value = "open";
      history.value = withReading(history.value, found);
    }
  });
  if (!document.hidden && asksAgain(standing.value)) timer = setTimeout(look, EVERY_MS);
}

/** Where a key is needed, asking again without another one would be counted against this address. */
function asksAgain(now: Standing): boolean {
  return now === "open" || now === "silent";
}

async function ask(): Promise<Reading | Standing> {
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const headers: HeadersInit = key === "" ? {} : { Authorization: `Bearer ${ascii(key)}` };
    const [readiness, metrics] = await Promise.all([
      fetch("/readyz", { signal }),
      fetch("/metrics", { signal, headers }),
    ]);
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
  if (why === "wait") waiting.value = Number(answer.headers.get("Retry-After") ?? 60);
  return why === "locked" && key !== "" ? "wrong" : why;
}

/** A header takes no other letters; no key has them. */
function ascii(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?");
}
