import { expect, it } from "vitest";
import { readExposition } from "../../src/ops/exposition";

const PAGE = String.raw`# HELP roomserver_shed_total Events accepted, \\ but not\nshown.
# TYPE roomserver_shed_total counter
roomserver_shed_total{lane="danmaku"} 3.0
roomserver_shed_total{lane="a \"b\", {c=\"d\"}",of="x\\y"} 1e3 1700000000000
roomserver_entrance_delay_seconds_bucket{le="+Inf",tier="1"} 4.0
roomserver_entrance_delay_seconds_sum{tier="1"} 2.5
roomserver_entrance_delay_seconds_count{tier="1"} 4.0
roomserver_loop_lag_seconds NaN
roomserver_longest +Inf
process_cpu_seconds_total 12.0
roomserver_broken{lane="danmaku"
roomserver_broken x

`;

it("reads names, labels and values, and leaves out steps of a distribution, strangers and what is broken", () => {
  expect(readExposition(PAGE).samples).toEqual([
    { key: "shed_total lane=danmaku", name: "shed_total", labels: { lane: "danmaku" }, value: 3 },
    {
      key: 'shed_total lane=a "b", {c="d"} of=x\\y',
      name: "shed_total",
      labels: { lane: 'a "b", {c="d"}', of: "x\\y" },
      value: 1000,
    },
    {
      key: "entrance_delay_seconds_count tier=1",
      name: "entrance_delay_seconds_count",
      labels: { tier: "1" },
      value: 4,
    },
    { key: "longest", name: "longest", labels: {}, value: Number.POSITIVE_INFINITY },
  ]);
});

it("knows what a family counts", () => {
  expect(readExposition(PAGE).help.get("shed_total")).toBe("Events accepted, \\ but not\nshown.");
});

it("finds nothing in what is no page of counters", () => {
  expect(readExposition("<!doctype html>\n{}").samples).toEqual([]);
});
