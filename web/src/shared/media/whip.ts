/** Publishes a picture by WHIP, and publishes it anew when the connection is lost; devices and tracks stay as they are. */

import { warn } from "../warn";
import { Peer, type Place } from "./peer";
import { type Counted, read, type Uplink, uplink } from "./uplink";

const UNREACHED_MS = 10_000;
/** A line that comes back within this needs nothing new. */
const BROKEN_MS = 3000;
const LOOK_MS = 1000;
const MOST_BITS = 2_500_000;

export interface Publishing extends Place {
  onUplink(uplink: Uplink): void;
}

export class Publisher extends Peer {
  #tracks: { audio: MediaStreamTrack | null; video: MediaStreamTrack | null } = { audio: null, video: null };
  #senders: Partial<Record<"audio" | "video", RTCRtpSender>> = {};
  #counted: Counted | null = null;
  #goodAt = 0;

  constructor(private readonly publishing: Publishing) {
    super(publishing, LOOK_MS, "the picture could not be sent");
    addEventListener("pagehide", () => this.stop());
  }

  start(audio: MediaStreamTrack | null, video: MediaStreamTrack | null): void {
    this.#tracks = { audio, video };
    this.step({ kind: this.course.at === "over" ? "again" : "start" });
  }

  /** The server has what is sent no more. */
  missed(): void {
    if (this.course.at === "on") this.step({ kind: "lost" });
  }

  /** Sends another track from now on, without a new connection. */
  replace(kind: "audio" | "video", track: MediaStreamTrack | null): void {
    this.#tracks[kind] = track;
    this.#senders[kind]?.replaceTrack(track).catch((error) => warn("a track was not replaced", error));
  }

  protected prepare(pc: RTCPeerConnection, began: number): void {
    this.#senders = { audio: send(pc, "audio", this.#tracks.audio), video: send(pc, "video", this.#tracks.video) };
    this.#goodAt = began;
    this.#counted = null;
  }

  protected answered(pc: RTCPeerConnection, look: () => void): void {
    pc.onconnectionstatechange = look;
  }

  protected look(pc: RTCPeerConnection, began: number): void {
    const now = performance.now();
    const trying = this.course.at === "trying";
    if (pc.connectionState === "connected") {
      this.#goodAt = now;
      if (trying) this.step({ kind: "flowing" });
      void this.#count(pc);
    } else if (trying && now - began > UNREACHED_MS) this.step({ kind: "unreached" });
    else if (pc.connectionState === "failed" || (!trying && now - this.#goodAt > BROKEN_MS))
      this.step({ kind: trying ? "unreached" : "lost" });
  }

  protected override left(): void {
    this.#senders = {};
  }

  async #count(pc: RTCPeerConnection): Promise<void> {
    const counted = read((await pc.getStats()).values(), performance.now());
    if (!this.isCurrent(pc) || counted === null) return;
    const before = this.#counted;
    if (before !== null && counted.at - before.at < LOOK_MS / 2) return;
    this.#counted = counted;
    if (before !== null) this.publishing.onUplink(uplink(before, counted));
  }
}

function send(pc: RTCPeerConnection, kind: "audio" | "video", track: MediaStreamTrack | null): RTCRtpSender {
  const most = kind === "video" ? { sendEncodings: [{ maxBitrate: MOST_BITS }] } : {};
  return pc.addTransceiver(track ?? kind, { direction: "sendonly", ...most }).sender;
}
