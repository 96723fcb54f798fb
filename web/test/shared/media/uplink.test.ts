import { describe, expect, it } from "vitest";
import { troubleOf } from "../../../src/shared/media/devices";
import { type Counted, read, uplink } from "../../../src/shared/media/uplink";

const first: Counted = { at: 0, bytes: 0, frames: 0, height: 720, loss: 0, roundTrip: 0.05, limited: "none" };
const later: Counted = { ...first, at: 2000, bytes: 500_000, frames: 60 };

describe("an uplink", () => {
  it("is good with what it sends", () => {
    expect(uplink(first, later)).toEqual({ level: "good", reason: null, bitrate: 2_000_000, frames: 30, height: 720 });
  });

  it.each([
    [{ loss: 0.2 }, "loss"],
    [{ limited: "bandwidth" }, "bandwidth"],
    [{ limited: "cpu" }, "cpu"],
    [{ roundTrip: 1 }, "delay"],
  ] as const)("is weak with its reason: %o", (worse, reason) => {
    expect(uplink(first, { ...later, ...worse })).toMatchObject({ level: "weak", reason });
  });

  it("is lost when nothing goes out", () => {
    expect(uplink(first, { ...later, bytes: 0 })).toMatchObject({ level: "lost", reason: "nothing" });
  });

  it("does not mind counts that begin anew", () => {
    expect(uplink(later, { ...first, at: 4000 })).toMatchObject({ bitrate: 0, frames: 0 });
  });

  it("is read from the picture's reports alone", () => {
    const sent = { type: "outbound-rtp", kind: "video", bytesSent: 10, framesSent: 2, frameHeight: 480 };
    const told = { type: "remote-inbound-rtp", kind: "video", fractionLost: 0.1, roundTripTime: 0.2 };
    expect(read([{ type: "outbound-rtp", kind: "audio", bytesSent: 99 }, sent, told], 7)).toEqual({
      at: 7,
      bytes: 10,
      frames: 2,
      height: 480,
      loss: 0.1,
      roundTrip: 0.2,
      limited: "none",
    });
    expect(read([], 7)).toBeNull();
  });
});

describe("why a device does not come", () => {
  it("is one word", () => {
    expect(troubleOf("NotAllowedError")).toBe("denied");
    expect(troubleOf("NotAllowedError", true)).toBe("dismissed");
    expect(troubleOf("NotFoundError")).toBe("none");
    expect(troubleOf("NotReadableError")).toBe("busy");
    expect(troubleOf("Whatever")).toBe("other");
  });
});
