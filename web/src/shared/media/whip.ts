/** Publishes a picture by WHIP, and publishes it anew when the connection is lost; devices and tracks stay as they are. */

import { warn } from "../warn";
import { type Course, next, type Step } from "./course";
import { type Bearer, hangUp, negotiate, Turned } from "./negotiate";
import { type Counted, read, type Uplink, uplink } from "./uplink";

const UNREACHED_MS = 10_000;
/** A line that comes back within this needs nothing new. */
const BROKEN_MS = 3000;
const LOOK_MS = 1000;
const MOST_BITS = 2_500_000;

export interface Publishing {
  url: string;
  bearer: Bearer;
  onCourse(course: Course): void;
  onUplink(uplink: Uplink): void;
}

export class Publisher {
  #course: Course = { at: "idle" };
  #tracks: { audio: MediaStreamTrack | null; video: MediaStreamTrack | null } = { audio: null, video: null };
  #senders: Partial<Record<"audio" | "video", RTCRtpSender>> = {};
  #pc: RTCPeerConnection | null = null;
  #session: string | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #watch: ReturnType<typeof setInterval> | undefined;
  #counted: Counted | null = null;
  #goodAt = 0;

  constructor(readonly publishing: Publishing) {
    addEventListener("pagehide", () => this.stop());
  }

  start(audio: MediaStreamTrack | null, video: MediaStreamTrack | null): void {
    this.#tracks = { audio, video };
    this.#step({ kind: this.#course.at === "over" ? "again" : "start" });
  }

  stop(): void {
    this.#step({ kind: "stop" });
  }

  /** Sends another track from now on, without a new connection. */
  replace(kind: "audio" | "video", track: MediaStreamTrack | null): void {
    this.#tracks[kind] = track;
    this.#senders[kind]?.replaceTrack(track).catch((error) => warn("a track was not replaced", error));
  }

  #step(step: Step): void {
    const before = this.#course;
    const course = next(before, step, Math.random());
    if (course === before) return;
    this.#course = course;
    clearTimeout(this.#timer);
    if (course.at !== "on") this.#hangUp();
    this.publishing.onCourse(course);
    if (course.at === "trying") void this.#connect();
    else if (course.at === "waiting") this.#timer = setTimeout(() => this.#step({ kind: "due" }), course.ms);
  }

  async #connect(): Promise<void> {
    if (typeof RTCPeerConnection === "undefined") return this.#step({ kind: "unsupported" });
    const pc = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
    this.#pc = pc;
    this.#senders = { audio: send(pc, "audio", this.#tracks.audio), video: send(pc, "video", this.#tracks.video) };
    const began = performance.now();
    this.#goodAt = began;
    this.#counted = null;
    try {
      const session = await negotiate(pc, this.publishing.url, this.publishing.bearer);
      if (this.#pc !== pc) return hangUp(pc, session, this.publishing.bearer);
      this.#session = session;
    } catch (error) {
      if (this.#pc !== pc) return;
      if (error instanceof Turned) return this.#step({ kind: "turned", ...error });
      warn("the picture could not be sent", error);
      return this.#step({ kind: "lost" });
    }
    pc.onconnectionstatechange = () => this.#look(pc, began);
    this.#watch = setInterval(() => this.#look(pc, began), LOOK_MS);
  }

  #look(pc: RTCPeerConnection, began: number): void {
    if (this.#pc !== pc) return;
    const now = performance.now();
    const trying = this.#course.at === "trying";
    if (pc.connectionState === "connected") {
      this.#goodAt = now;
      if (trying) this.#step({ kind: "flowing" });
      void this.#count(pc);
    } else if (trying && now - began > UNREACHED_MS) this.#step({ kind: "unreached" });
    else if (pc.connectionState === "failed" || (!trying && now - this.#goodAt > BROKEN_MS))
      this.#step({ kind: trying ? "unreached" : "lost" });
  }

  async #count(pc: RTCPeerConnection): Promise<void> {
    const counted = read((await pc.getStats()).values(), performance.now());
    if (this.#pc !== pc || counted === null) return;
    const before = this.#counted;
    if (before !== null && counted.at - before.at < LOOK_MS / 2) return;
    this.#counted = counted;
    if (before !== null) this.publishing.onUplink(uplink(before, counted));
  }

  #hangUp(): void {
    clearInterval(this.#watch);
    if (this.#pc) hangUp(this.#pc, this.#session, this.publishing.bearer);
    this.#pc = null;
    this.#senders = {};
    this.#session = null;
  }
}

function send(pc: RTCPeerConnection, kind: "audio" | "video", track: MediaStreamTrack | null): RTCRtpSender {
  const most = kind === "video" ? { sendEncodings: [{ maxBitrate: MOST_BITS }] } : {};
  return pc.addTransceiver(track ?? kind, { direction: "sendonly", ...most }).sender;
}
