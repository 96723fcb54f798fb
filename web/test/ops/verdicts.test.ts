import { expect, it } from "vitest";
import type { Readiness } from "../../src/ops/reading";
import { NEVER, verdicts, worse } from "../../src/ops/verdicts";
import { words } from "../../src/ops/words";
import { reading } from "./readings";

const told = (counters: string[], readiness: Partial<Readiness> = {}) =>
  Object.fromEntries(verdicts(reading(0, counters, readiness)).map((one) => [one.about, `${one.state} ${one.grade}`]));

it("is well while nothing is wrong", () => {
  expect(told(["load_step 0", "commit_wait_seconds 0.25"])).toEqual({
    ready: "yes good",
    store: "ok good",
    worth: "local good",
    load: "0 good",
    never: "none good",
  });
});

it("says what is wrong with the store", () => {
  expect(told(["commit_wait_seconds 0.3"]).store).toBe("slow warn");
  expect(told(["commit_wait_seconds 0.3"], { store: "away" }).store).toBe("away bad");
});

it("says what an acknowledgement is worth", () => {
  expect(told([], { durability: "memory" }).worth).toBe("memory warn");
  expect(told([], { durability: "replicated" }).worth).toBe("replicated good");
});

it("says what is given up", () => {
  expect([1, 2, 3].map((step) => told([`load_step ${step}`]).load)).toEqual(["1 warn", "2 bad", "3 bad"]);
});

it("says when it takes nobody", () => {
  expect(told([], { ready: false }).ready).toBe("no warn");
});

it.each(NEVER)("does not pass over %s", (name) => {
  expect(told([`${name} 1`]).never).toBe("met bad");
});

it("knows what has become bad, and what was so before", () => {
  const said = (before: string[], now: string[]) =>
    worse(reading(0, before), reading(2, now)).map(({ about, state }) => `${about} ${state}`);
  expect(said(["load_step 0"], ["load_step 1"])).toEqual([]);
  expect(said(["load_step 1"], ["load_step 2", "failed_total 1"])).toEqual(["load 2", "never met"]);
  expect(said(["load_step 2", "failed_total 1"], ["load_step 3", "failed_total 2"])).toEqual([]);
  expect(said(["load_step 3"], ["load_step 0"])).toEqual([]);
});

it("has words for every state", () => {
  const states = { ready: 2, store: 3, worth: 3, load: 4, never: 2 };
  for (const [about, count] of Object.entries(states))
    expect(Object.keys(words.value.told[about as keyof typeof states])).toHaveLength(count);
});
