import { describe, expect, it } from "vitest";
import { aliveAt, type Counts, type Flow, FROZEN_MS, flowed, fresh } from "../../../src/shared/media/flow";

const LOOK_MS = 250;

/** Looks at what comes in, one after another; each adds so much to the counts. */
function looked(before: Flow, times: number, more: Counts, from: number, still = false): Flow {
  let flow = before;
  for (let time = 1; time <= times; time++)
    flow = flowed(
      flow,
      { frames: flow.frames + more.frames, packets: flow.packets + more.packets },
      from + time * LOOK_MS,
      still,
    );
  return flow;
}

const BOTH = { frames: 5, packets: 12 };
const SOUND = { frames: 0, packets: 12 };
const PICTURE = { frames: 5, packets: 0 };
const NOTHING = { frames: 0, packets: 0 };
const LONG = (2 * FROZEN_MS) / LOOK_MS;
const LONG_MS = LONG * LOOK_MS;

describe("a stream that is watched", () => {
  it("is seen and alive while frames come, with sound or without", () => {
    for (const more of [BOTH, PICTURE]) {
      const flow = looked(fresh(0), LONG, more, 0);
      expect(flow).toMatchObject({ pictured: true });
      expect(aliveAt(flow)).toBe(LONG_MS);
    }
  });

  it("is alive and not seen while there is sound alone, from its beginning or since the camera went", () => {
    for (const began of [fresh(0), looked(fresh(-LONG_MS), LONG, BOTH, -LONG_MS)]) {
      expect(looked(began, FROZEN_MS / LOOK_MS, SOUND, 0).pictured).toBe(true);
      const flow = looked(began, LONG, SOUND, 0);
      expect(flow.pictured).toBe(false);
      expect(aliveAt(flow)).toBe(LONG_MS);
    }
  });

  it("is seen with the first frame that comes later", () => {
    const bare = looked(fresh(0), LONG, SOUND, 0);
    expect(looked(bare, 1, BOTH, LONG_MS).pictured).toBe(true);
  });

  it("is not alive when nothing comes", () => {
    expect(looked(fresh(0), LONG, NOTHING, 0)).toMatchObject({ pictured: true, movedAt: 0 });
    const gone = looked(looked(fresh(0), LONG, BOTH, 0), LONG, NOTHING, LONG_MS);
    expect(gone.pictured).toBe(true);
    expect(aliveAt(gone)).toBe(LONG_MS);
  });

  it("is not called without a picture where it is right that nothing moves", () => {
    expect(looked(fresh(0), LONG, SOUND, 0, true)).toMatchObject({ pictured: true, movedAt: LONG_MS });
  });
});
