/** Watches a room's pictures by WHEP, and sees to it that what is called playing moves, or is heard at least. */

import { CONFLICT, type Step } from "./course";
import { aliveAt, type Counts, type Flow, FROZEN_MS, flowed, fresh } from "./flow";
import type { Turned } from "./negotiate";
import { Peer, type Place } from "./peer";

/** And without one for so long after the room has said that a picture has come in: it comes by a new connection. */
const ANNOUNCED_MS = 1500;
/** With an answer and without a packet for so long, the network lets none through. */
const UNREACHED_MS = 10_000;
const LOOK_MS = 250;
const NOT_FOUND = 404;

export interface Watching extends Place {
  slots: readonly string[];
  /** The streams of a new connection, by slot; again when the first has no picture yet, or has it now. */
  onStreams(streams: ReadonlyMap<string, MediaStream>): void;
  /** Whether there is a picture in the first slot, or sound alone. */
  onPictured(pictured: boolean): void;
}

export class Player extends Peer {
  #streams: ReadonlyMap<string, MediaStream> = new Map();
  #flow: Flow = fresh(0);
  /** Whether a picture is expected in the first slot; while none is, standing still is right. */
  expected = true;

  constructor(private readonly watching: Watching) {
    super(watching, LOOK_MS, "the picture could not be asked for");
  }

  start(): void {
    this.step({ kind: "start" });
  }

  again(): void {
    this.step({ kind: "again" });
  }

  /** A picture has come in: what waits for one need not wait longer. */
  nudge(): void {
    const movedAt = performance.now() - (this.course.at === "on" ? FROZEN_MS - ANNOUNCED_MS : 0);
    this.#flow = { ...this.#flow, movedAt };
    if (this.course.at === "waiting") this.step({ kind: "due" });
    else if (this.course.at === "over") this.again();
  }

  protected prepare(pc: RTCPeerConnection, began: number): void {
    this.#streams = new Map(this.watching.slots.map((slot) => [slot, receive(pc)]));
    this.#take(fresh(began));
  }

  /** A picture that has been let in elsewhere may take a while to come, and some servers (MediaMTX) say 404 for that. */
  protected override turned(error: Turned): Step {
    const absent = error.elsewhere && error.status === NOT_FOUND;
    return absent ? { kind: "turned", status: CONFLICT, reason: null, ms: error.ms } : super.turned(error);
  }

  protected answered(): void {
    this.watching.onStreams(this.#streams);
  }

  protected async look(pc: RTCPeerConnection, began: number): Promise<void> {
    const seen = await countsOf(pc);
    if (!this.isCurrent(pc)) return;
    const now = performance.now();
    const connected = pc.connectionState === "connected";
    const absent = connected && !this.expected;
    this.#take(flowed(this.#flow, seen, now, document.hidden || absent));
    const silent = now - aliveAt(this.#flow);
    if (this.course.at === "trying" && (seen.frames > 0 || absent || !this.#flow.pictured))
      this.step({ kind: "flowing" });
    else if (pc.connectionState === "failed" || pc.connectionState === "closed")
      this.step({ kind: this.course.at === "trying" ? "unreached" : "lost" });
    else if (this.course.at === "trying" && !connected) {
      if (now - began > UNREACHED_MS) this.step({ kind: "unreached" });
    } else if (silent > (this.course.at === "on" ? FROZEN_MS : 2 * FROZEN_MS)) this.step({ kind: "lost" });
  }

  /** A browser plays no sound beside a picture that has never come: until it does, the sound is a stream of its own. */
  #take(flow: Flow): void {
    const before = this.#flow;
    this.#flow = flow;
    if (flow.pictured === before.pictured) return;
    this.watching.onPictured(flow.pictured);
    if (!flow.pictured && flow.frames === 0) this.watching.onStreams(soundOnly(this.#streams));
    else if (flow.pictured && before.frames === 0) this.watching.onStreams(this.#streams);
  }
}

/** Sound and picture of one slot: the offer's next two sections. */
function receive(pc: RTCPeerConnection): MediaStream {
  const tracks = (["audio", "video"] as const).map((kind) => pc.addTransceiver(kind, { direction: "recvonly" }));
  return new MediaStream(tracks.map((one) => one.receiver.track));
}

/** The same streams, of the first the sound alone. */
function soundOnly(streams: ReadonlyMap<string, MediaStream>): ReadonlyMap<string, MediaStream> {
  const [first, ...others] = streams;
  return new Map(first && [[first[0], new MediaStream(first[1].getAudioTracks())], ...others]);
}

/** What of the first slot has come in so far. */
async function countsOf(pc: RTCPeerConnection): Promise<Counts> {
  const [packets, frames] = await Promise.all([counted(pc, "audio"), counted(pc, "video")]);
  return { packets: packets?.packetsReceived ?? 0, frames: frames?.framesDecoded ?? 0 };
}

async function counted(pc: RTCPeerConnection, kind: "audio" | "video"): Promise<RTCInboundRtpStreamStats | null> {
  const first = pc.getTransceivers().find((one) => one.receiver.track.kind === kind);
  for (const one of (await first?.receiver.getStats())?.values() ?? []) if (one.type === "inbound-rtp") return one;
  return null;
}
