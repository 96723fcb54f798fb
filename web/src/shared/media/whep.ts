/** Watches a room's pictures by WHEP, and sees to it that what is called playing moves. */

import { Peer, type Place } from "./peer";

/** Without a new frame for so long it is frozen. */
const FROZEN_MS = 3000;
/** And without one for so long after the room has said that a picture has come in: it comes by a new connection. */
const ANNOUNCED_MS = 1500;
/** With an answer and without a packet for so long, the network lets none through. */
const UNREACHED_MS = 10_000;
const LOOK_MS = 250;

export interface Watching extends Place {
  slots: readonly string[];
  /** The streams of a new connection, by slot. */
  onStreams(streams: ReadonlyMap<string, MediaStream>): void;
}

export class Player extends Peer {
  #streams: ReadonlyMap<string, MediaStream> = new Map();
  #frames = 0;
  #movedAt = 0;
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
    this.#movedAt = performance.now() - (this.course.at === "on" ? FROZEN_MS - ANNOUNCED_MS : 0);
    if (this.course.at === "waiting") this.step({ kind: "due" });
    else if (this.course.at === "over") this.again();
  }

  protected prepare(pc: RTCPeerConnection, began: number): void {
    this.#streams = new Map(this.watching.slots.map((slot) => [slot, receive(pc)]));
    this.#frames = 0;
    this.#movedAt = began;
  }

  protected answered(): void {
    this.watching.onStreams(this.#streams);
  }

  protected async look(pc: RTCPeerConnection, began: number): Promise<void> {
    const seen = await framesOf(pc);
    if (!this.isCurrent(pc)) return;
    const now = performance.now();
    if (seen > this.#frames || document.hidden || (!this.expected && pc.connectionState === "connected")) {
      this.#frames = seen;
      this.#movedAt = now;
    }
    const connected = pc.connectionState === "connected";
    if (this.course.at === "trying" && (seen > 0 || (connected && !this.expected))) this.step({ kind: "flowing" });
    else if (pc.connectionState === "failed" || pc.connectionState === "closed")
      this.step({ kind: this.course.at === "trying" ? "unreached" : "lost" });
    else if (this.course.at === "trying" && !connected) {
      if (now - began > UNREACHED_MS) this.step({ kind: "unreached" });
    } else if (now - this.#movedAt > (this.course.at === "on" ? FROZEN_MS : 2 * FROZEN_MS)) this.step({ kind: "lost" });
  }
}

/** Sound and picture of one slot: the offer's next two sections. */
function receive(pc: RTCPeerConnection): MediaStream {
  const tracks = (["audio", "video"] as const).map((kind) => pc.addTransceiver(kind, { direction: "recvonly" }));
  return new MediaStream(tracks.map((one) => one.receiver.track));
}

/** Frames of the first slot that were decoded so far. */
async function framesOf(pc: RTCPeerConnection): Promise<number> {
  const first = pc.getTransceivers().find((one) => one.receiver.track.kind === "video");
  if (!first) return 0;
  for (const one of (await first.receiver.getStats()).values())
    if (one.type === "inbound-rtp") return (one as { framesDecoded?: number }).framesDecoded ?? 0;
  return 0;
}
