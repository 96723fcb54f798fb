import { describe, expect, it } from "vitest";
import type { Entrance } from "../../src/shared/wire";
import { EntranceQueue, LONGEST_MS } from "../../src/viewer/stage/queue";

const one = (id: string, duration_ms = 2000): Entrance => ({
  type: "effects.entered",
  id,
  at: 1,
  user: { id, name: id, tier: 5 },
  effect: { id: "glow", priority: 20, duration_ms, reduced: "line" },
});

describe("entrances", () => {
  it("play one after the other, my own first", () => {
    const queue = new EntranceQueue();
    queue.add(one("bo"), false);
    queue.add(one("me"), true);
    expect([queue.next()?.id, queue.next()?.id, queue.next()]).toEqual(["me", "bo", null]);
  });

  it("never play longer than three seconds", () => {
    const queue = new EntranceQueue();
    queue.add(one("bo", 60_000), false);
    expect(queue.next()?.ms).toBe(LONGEST_MS);
  });

  it("join those who would come too late into the next line, and lose nobody", () => {
    const queue = new EntranceQueue();
    for (let index = 0; index < 40; index++) queue.add(one(`u${index}`), false);
    const scenes = [queue.next(), queue.next(), queue.next(), queue.next()];
    expect(scenes[3]).toBeNull();
    expect(scenes.reduce((sum, scene) => sum + (scene ? 1 + scene.others : 0), 0)).toBe(40);
  });

  it("count a merged line without the one it names", () => {
    const queue = new EntranceQueue();
    queue.add(
      { type: "effects.entered", id: "m", at: 1, users: [{ id: "bo", name: "Bo", tier: 1 }], count: 37 },
      false,
    );
    expect(queue.next()).toMatchObject({ user: { name: "Bo" }, others: 36 });
  });
});
