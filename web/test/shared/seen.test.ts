import { expect, it } from "vitest";
import { Seen } from "../../src/shared/seen";

it("knows an id again", () => {
  const seen = new Seen();
  expect([seen.note("a"), seen.note("b"), seen.note("a")]).toEqual([true, true, false]);
});

it("forgets only the oldest beyond its limit", () => {
  const seen = new Seen(2);
  for (const id of ["a", "b", "c"]) seen.note(id);
  expect([seen.note("b"), seen.note("c"), seen.note("a")]).toEqual([false, false, true]);
});
