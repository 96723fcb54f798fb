/** Watches a room's pictures by WHEP, and sees to it that what is called playing moves. */

import { warn } from "../warn";
import { type Course, next, type Step } from "./course";
import { type Bearer, hangUp, negotiate, Turned } from "./negotiate";

/** Without a new frame for so long it is frozen. */
const FROZEN_MS = 3000;
/** With an answer and without a packet for so long, the network lets none through. */
const UNREACHED_MS = 10_000;
const LOOK_MS = 250;

export interface Watching {
  url: string;
  bearer: Bearer;
  slots: readonly string[];
  /** The streams of a new connection, by slot. */
  onStreams(streams: ReadonlyMap<string, MediaStream>): void;
  onCourse(course: Course): void;
}

export class Player {
  #course: Course = { at: "idle" };
  #pc: RTCPeerConnection | null = null;
  #session: string | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #watch: ReturnType<typeof setInterval> | undefined;
  #frames = 0;
  #movedAt = 0;
  /** Whether a picture is expected in the first slot; while none is, standing still is right. */
  expected = true;

  constructor(readonly watching: Watching) {}

  start(): void {
    this.#step({ kind: "start" });
  }

  again(): void {
    this.#step({ kind: "again" });
  }

  stop(): void {
    this.#step({ kind: "stop" });
  }

  /** A picture has come in: what waits for one need not wait longer. */
  nudge(): void {
    this.#movedAt = performance.now();
    if (this.#course.at === "waiting") this.#step({ kind: "due" });
    else if (this.#course.at === "over") this.again();
  }

  #step(step: Step): void {
    const before = this.#course;
    const course = next(before, step, Math.random());
    if (course === before) return;
    this.#course = course;
    clearTimeout(this.#timer);
    if (course.at !== "on") this.#hangUp();
    this.watching.onCourse(course);
    if (course.at === "trying") void this.#connect();
    else if (course.at === "waiting") this.#timer = setTimeout(() => this.#step({ kind: "due" }), course.ms);
  }

  async #connect(): Promise<void> {
    if (typeof RTCPeerConnection === "undefined") return this.#step({ kind: "unsupported" });
    const pc = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
    this.#pc = pc;
    const streams = new Map(this.watching.slots.map((slot) => [slot, receive(pc)]));
    const began = performance.now();
    this.#frames = 0;
    this.#movedAt = began;
    try {
      const session = await negotiate(pc, this.watching.url, this.watching.bearer);
      if (this.#pc !== pc) return hangUp(pc, session, this.watching.bearer);
      this.#session = session;
    } catch (error) {
      if (this.#pc !== pc) return;
      if (error instanceof Turned) return this.#step({ kind: "turned", ...error });
      warn("the picture could not be asked for", error);
      return this.#step({ kind: "lost" });
    }
    this.watching.onStreams(streams);
    this.#watch = setInterval(() => void this.#look(pc, began), LOOK_MS);
  }

  async #look(pc: RTCPeerConnection, began: number): Promise<void> {
    const seen = await framesOf(pc);
    if (this.#pc !== pc) return;
    const now = performance.now();
    if (seen > this.#frames || document.hidden || (!this.expected && pc.connectionState === "connected")) {
      this.#frames = seen;
      this.#movedAt = now;
    }
    const connected = pc.connectionState === "connected";
    if (this.#course.at === "trying" && (seen > 0 || (connected && !this.expected))) this.#step({ kind: "flowing" });
    else if (pc.connectionState === "failed" || pc.connectionState === "closed")
      this.#step({ kind: this.#course.at === "trying" ? "unreached" : "lost" });
    else if (this.#course.at === "trying" && !connected) {
      if (now - began > UNREACHED_MS) this.#step({ kind: "unreached" });
    } else if (now - this.#movedAt > (this.#course.at === "on" ? FROZEN_MS : 2 * FROZEN_MS))
      this.#step({ kind: "lost" });
  }

  #hangUp(): void {
    clearInterval(this.#watch);
    if (this.#pc) hangUp(this.#pc, this.#session, this.watching.bearer);
    this.#pc = null;
    this.#session = null;
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
