/** The course of a picture's connection: when it is tried, waited for and given up. Pure: no clock, no chance, no network. */

export type Course =
  | { at: "idle" }
  | { at: "trying"; tries: number; before: boolean }
  | { at: "on" }
  /** It is tried again after `ms`; `before`: it was on already. */
  | { at: "waiting"; tries: number; before: boolean; ms: number; absent: boolean }
  | { at: "over"; why: Why };

/** Why it is not tried again by itself. */
export type Why = "lost" | "blocked" | "taken" | "refused" | "unsupported";

export type Step =
  | { kind: "start" | "stop" | "again" | "due" | "flowing" }
  /** It came to an end, or nothing has come for too long. */
  | { kind: "lost" }
  /** The answer came, and then not one packet. */
  | { kind: "unreached" }
  | { kind: "unsupported" }
  /** The server has said no, and why; after so many ms it may be asked again, where it says so. */
  | { kind: "turned"; status: number; reason: string | null; ms: number | null };

export const MOST_TRIES = 5;
const FIRST_MS = 500;
const LONGEST_MS = 8000;
/** A picture that is not there is announced by the room; this is for when that is missed. */
const ABSENT_MS = 5000;

/** Nobody publishes, or somebody else has the place. */
export const CONFLICT = 409;
const LATER = new Set([429, 502, 503, 504]);

/** How long to wait before another try; `chance` in [0, 1) keeps many from coming at the same instant. */
export function backoff(tries: number, chance: number): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** tries) * (0.5 + chance / 2);
}

export function next(course: Course, step: Step, chance: number): Course {
  switch (step.kind) {
    case "start":
      return course.at === "idle" ? trying(0, false) : course;
    case "again":
      return trying(0, false);
    case "stop":
      return { at: "idle" };
    case "unsupported":
      return { at: "over", why: "unsupported" };
    case "due":
      return course.at === "waiting" ? trying(course.tries, course.before) : course;
    case "flowing":
      return course.at === "trying" ? { at: "on" } : course;
    case "lost":
      return after(course, chance, null);
    case "unreached":
      return course.at === "trying" && !course.before ? { at: "over", why: "blocked" } : after(course, chance, null);
    case "turned":
      return turned(course, step, chance);
  }
}

function trying(tries: number, before: boolean): Course {
  return { at: "trying", tries, before };
}

function after(course: Course, chance: number, least: number | null): Course {
  if (course.at === "idle" || course.at === "over") return course;
  const before = course.at === "on" || course.before;
  const tries = course.at === "on" ? 0 : course.tries + 1;
  if (tries >= MOST_TRIES) return { at: "over", why: "lost" };
  return { at: "waiting", tries, before, ms: Math.max(least ?? 0, backoff(tries, chance)), absent: false };
}

function turned(course: Course, { status, reason, ms }: Extract<Step, { kind: "turned" }>, chance: number): Course {
  if (course.at !== "trying") return course;
  if (status === CONFLICT) {
    if (reason === "occupied") return { at: "over", why: "taken" };
    return { ...course, at: "waiting", ms: Math.max(ms ?? 0, ABSENT_MS), absent: true };
  }
  if (LATER.has(status)) return after(course, chance, ms);
  return { at: "over", why: "refused" };
}
