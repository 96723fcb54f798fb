import { describe, expect, it } from "vitest";
import { busyFor, Lanes } from "../../src/viewer/danmaku/lanes";

/** A repeatable source of chance: a property that fails must fail again. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

interface Flown {
  lane: number;
  at: number;
  width: number;
}

const GAP = 24;
const SPEED = 0.16;

/** Ten minutes of arrivals of random width, at random times. */
function fly(seed: number, stage: number): Flown[] {
  const random = chance(seed);
  const lanes = new Lanes(8);
  const flown: Flown[] = [];
  for (let now = 0; now < 600_000; now += random() * 120) {
    const width = 20 + random() * 700;
    const lane = lanes.take(now, busyFor(width, GAP, SPEED));
    if (lane >= 0) flown.push({ lane, at: now, width });
  }
  expect(flown.length).toBeGreaterThan(stage / 10);
  return flown;
}

describe("lanes", () => {
  it.each([1, 2, 3, 4, 5])("never let two comments of a lane overlap or touch (seed %i)", (seed) => {
    const stage = 868;
    const byLane = Map.groupBy(fly(seed, stage), ({ lane }) => lane);
    for (const lane of byLane.values())
      for (const [index, next] of lane.entries()) {
        const before = lane[index - 1];
        if (!before) continue;
        const tailOfBefore = stage + before.width - SPEED * (next.at - before.at);
        expect(tailOfBefore + GAP).toBeLessThanOrEqual(stage + 1e-6);
      }
  });

  it("show long comments as often as short ones when the picture is full", () => {
    const lanes = new Lanes(6);
    const random = chance(7);
    const seen = { short: [0, 0], long: [0, 0] };
    for (let now = 0; now < 600_000; now += 20) {
      const kind = random() < 0.5 ? "short" : "long";
      const lane = lanes.take(now, busyFor(kind === "short" ? 60 : 600, GAP, SPEED));
      seen[kind][lane >= 0 ? 0 : 1] = (seen[kind][lane >= 0 ? 0 : 1] ?? 0) + 1;
    }
    const rate = ([shown = 0, lost = 0]: number[]) => shown / (shown + lost);
    expect(rate(seen.long)).toBeGreaterThan(rate(seen.short) * 0.8);
  });

  it("leave out the lanes that a band covers", () => {
    const lanes = new Lanes(3);
    expect([lanes.take(0, 10, 2), lanes.take(0, 10, 2), lanes.take(0, 10)]).toEqual([2, -1, 0]);
  });

  it("keep their entries closed longer when the picture's edge moves inward", () => {
    const lanes = new Lanes(1);
    lanes.take(0, 100);
    lanes.resize(1, 50);
    expect([lanes.take(100, 10), lanes.take(149, 10), lanes.take(150, 10)]).toEqual([-1, -1, 0]);
  });

  it("opens no entry sooner where the edge moved outward", () => {
    const lanes = new Lanes(1);
    lanes.take(0, 100);
    lanes.resize(1, -50);
    expect([lanes.take(99, 10), lanes.take(100, 10)]).toEqual([-1, 0]);
  });
});

describe("a lane in which something stands still", () => {
  it("takes nobody, and is free that much later", () => {
    const lanes = new Lanes(1);
    lanes.take(0, 100);
    const open = lanes.close(0);
    expect([lanes.take(500, 100), lanes.takeAny(500, 100)]).toEqual([-1, -1]);
    open(300);
    expect([lanes.take(399, 100), lanes.take(400, 100)]).toEqual([-1, 0]);
  });
});

it("takes the lane that is free first where comments may overlap", () => {
  const lanes = new Lanes(2);
  lanes.take(0, 100);
  lanes.take(0, 50);
  expect(lanes.takeAny(10, 100)).toBe(1);
});
