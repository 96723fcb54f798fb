import { expect, it } from "vitest";
import { NOTHING, withReading } from "../../src/ops/history";
import { LOSSES, losses } from "../../src/ops/losses";
import { words } from "../../src/ops/words";
import { reading } from "./readings";

const told = (...pages: string[][]) =>
  pages.map((page, index) => reading(2 * index, page)).reduce(withReading, NOTHING);

it("names what has happened, the newest first, then what happened most", () => {
  const before = [
    'refusals_total{code="1003"} 9',
    'shed_total{lane="danmaku"} 1',
    'closes_total{code="3013"} 2',
    "lagging_total 4",
    'failed_total{lane="gift"} 0',
    "commits_total 100",
  ];
  const after = [...before.slice(0, 1), 'shed_total{lane="danmaku"} 3', ...before.slice(2)];
  expect(losses(told(before, after))).toEqual([
    { name: "shed_total", why: "danmaku", lately: 2, ever: 3 },
    { name: "refusals_total", why: "1003", lately: 0, ever: 9 },
    { name: "lagging_total", why: "", lately: 0, ever: 4 },
    { name: "closes_total", why: "3013", lately: 0, ever: 2 },
  ]);
});

it("has nothing to tell before the server has been asked", () => {
  expect(losses(NOTHING)).toEqual([]);
});

it("leaves out what went well, of what counts both", () => {
  const page = ["owed", "written", "gaps"].map(
    (outcome, index) => `deliveries_total{outcome="${outcome}"} ${index + 1}`,
  );
  expect(losses(told([...page, 'prepublish_total{outcome="allowed"} 9']))).toEqual([
    { name: "deliveries_total", why: "gaps", lately: 0, ever: 3 },
  ]);
});

it("tells thousands of endpoints apart, in the time that a test may take", () => {
  const page = (sum: number) =>
    Array.from({ length: 2_000 }, (_, index) => `webhooks_failed_total{endpoint="${index}"} ${sum}`);
  const history = told(...Array.from({ length: 31 }, (_, index) => page(index + 1)));
  const found = losses(history); // each row looked for in each reading: half a minute
  expect([found.length, found[1_999]?.lately]).toEqual([2_000, 30]);
});

it("has words for each of them", () => {
  expect(Object.keys(LOSSES).filter((name) => !(name in words.value.losses))).toEqual([]);
});
