/** How well a picture goes out, from what the browser counts. Pure. */

/** What the browser has counted at an instant (ms): of what was sent, and of what the server says of it. */
export interface Counted {
  at: number;
  bytes: number;
  frames: number;
  height: number;
  /** Share of packets that the server missed lately, and the round trip in seconds, where it tells. */
  loss: number | null;
  roundTrip: number | null;
  limited: string;
}

export type Reason = "bandwidth" | "cpu" | "loss" | "delay" | "nothing";

export interface Uplink {
  level: "good" | "weak" | "lost";
  reason: Reason | null;
  /** Bits a second, frames a second, lines. */
  bitrate: number;
  frames: number;
  height: number;
}

const LOSS = 0.05;
const SLOW_SECONDS = 0.4;

/** How it went between two instants. */
export function uplink(before: Counted, now: Counted): Uplink {
  const seconds = Math.max(0.001, (now.at - before.at) / 1000);
  const bitrate = Math.max(0, Math.round((8 * (now.bytes - before.bytes)) / seconds));
  const frames = Math.max(0, Math.round((now.frames - before.frames) / seconds));
  const reason = weakness(bitrate, now);
  const level = reason === null ? "good" : reason === "nothing" ? "lost" : "weak";
  return { level, reason, bitrate, frames, height: now.height };
}

function weakness(bitrate: number, { loss, roundTrip, limited }: Counted): Reason | null {
  if (bitrate === 0) return "nothing";
  if (loss !== null && loss > LOSS) return "loss";
  if (limited === "bandwidth" || limited === "cpu") return limited;
  return roundTrip !== null && roundTrip > SLOW_SECONDS ? "delay" : null;
}

/** Reads what a connection has counted; null while nothing was sent. */
export function read(reports: Iterable<unknown>, at: number): Counted | null {
  let sent: Partial<Record<string, unknown>> | null = null;
  let told: Partial<Record<string, unknown>> = {};
  for (const report of reports) {
    const one = report as Partial<Record<string, unknown>>;
    if (one.kind !== "video") continue;
    if (one.type === "outbound-rtp") sent = one;
    else if (one.type === "remote-inbound-rtp") told = one;
  }
  if (sent === null) return null;
  return {
    at,
    bytes: number(sent.bytesSent) ?? 0,
    frames: number(sent.framesSent) ?? number(sent.framesEncoded) ?? 0,
    height: number(sent.frameHeight) ?? 0,
    loss: number(told.fractionLost),
    roundTrip: number(told.roundTripTime),
    limited: String(sent.qualityLimitationReason ?? "none"),
  };
}

function number(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}
