import { describe, expect, it } from "vitest";
import { backoff, type Course, MOST_TRIES, next, type Step } from "../../../src/shared/media/course";

const led = (course: Course, ...steps: Step[]): Course => steps.reduce((now, step) => next(now, step, 0.5), course);
const IDLE: Course = { at: "idle" };
const start: Step = { kind: "start" };
const flowing: Step = { kind: "flowing" };
const lost: Step = { kind: "lost" };
const due: Step = { kind: "due" };

describe("the course of a picture", () => {
  it("is tried, and on when frames come", () => {
    expect(led(IDLE, start)).toEqual({ at: "trying", tries: 0, before: false });
    expect(led(IDLE, start, flowing)).toEqual({ at: "on" });
  });

  it("is tried again when it was lost, ever later, and given up in the end", () => {
    let course = led(IDLE, start, flowing, lost);
    const waits = [];
    while (course.at === "waiting") {
      expect(course.before).toBe(true);
      waits.push(course.ms);
      course = led(course, due, lost);
    }
    expect(waits).toHaveLength(MOST_TRIES);
    expect(waits).toEqual([...waits].sort((a, b) => a - b));
    expect(course).toEqual({ at: "over", why: "lost" });
    expect(led(course, { kind: "again" })).toEqual({ at: "trying", tries: 0, before: false });
  });

  it("forgets earlier losses once it was on", () => {
    const twice = led(IDLE, start, flowing, lost, due, lost, due, flowing, lost);
    expect(twice).toMatchObject({ at: "waiting", tries: 0 });
  });

  it("waits for a picture that nobody sends, as long as it takes", () => {
    let course = led(IDLE, start);
    for (let times = 0; times < 3 * MOST_TRIES; times++) {
      course = led(course, { kind: "turned", status: 409, reason: "not_live", ms: 1000 });
      expect(course).toMatchObject({ at: "waiting", tries: 0, absent: true });
      course = led(course, due);
    }
  });

  it("is over at once where somebody else has the place, or where it is refused", () => {
    expect(led(IDLE, start, { kind: "turned", status: 409, reason: "occupied", ms: 2000 })).toEqual({
      at: "over",
      why: "taken",
    });
    expect(led(IDLE, start, { kind: "turned", status: 403, reason: null, ms: null })).toEqual({
      at: "over",
      why: "refused",
    });
    expect(led(IDLE, start, { kind: "unsupported" })).toEqual({ at: "over", why: "unsupported" });
  });

  it("does not come back to a full server before it is asked to", () => {
    expect(led(IDLE, start, { kind: "turned", status: 503, reason: "away", ms: 7000 })).toMatchObject({
      at: "waiting",
      ms: 7000,
    });
  });

  it("says that the network lets nothing through only where nothing ever came", () => {
    const unreached: Step = { kind: "unreached" };
    expect(led(IDLE, start, unreached)).toEqual({ at: "over", why: "blocked" });
    expect(led(IDLE, start, flowing, lost, due, unreached)).toMatchObject({ at: "waiting" });
  });

  it("hears nothing late once it was stopped", () => {
    for (const step of [flowing, lost, due]) expect(led(IDLE, start, { kind: "stop" }, step)).toEqual(IDLE);
  });
});

describe("the wait before another try", () => {
  it("is between half a second's half and eight seconds", () => {
    for (const chance of [0, 0.5, 0.999])
      for (let tries = 0; tries < 20; tries++) {
        expect(backoff(tries, chance)).toBeGreaterThanOrEqual(250);
        expect(backoff(tries, chance)).toBeLessThan(8000);
      }
  });
});
