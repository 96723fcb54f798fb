import { expect, it } from "vitest";
import { LOSSES, losses } from "../../src/ops/losses";
import { words } from "../../src/ops/words";
import { reading } from "./readings";

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
  expect(losses([reading(0, before), reading(2, after)])).toEqual([
    { name: "shed_total", why: "danmaku", lately: 2, ever: 3 },
    { name: "refusals_total", why: "1003", lately: 0, ever: 9 },
    { name: "lagging_total", why: "", lately: 0, ever: 4 },
    { name: "closes_total", why: "3013", lately: 0, ever: 2 },
  ]);
});

it("has nothing to tell before the server has been asked", () => {
  expect(losses([])).toEqual([]);
});

it("has words for each of them", () => {
  expect(Object.keys(LOSSES).filter((name) => !(name in words.value.losses))).toEqual([]);
});
