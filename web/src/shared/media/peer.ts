/** One connection of a picture after another, as its course wants them: begun, looked after, ended, tried again. */

import { warn } from "../warn";
import { type Course, next, type Step } from "./course";
import { type Bearer, hangUp, negotiate, Turned } from "./negotiate";

export interface Place {
  url: string;
  bearer: Bearer;
  onCourse(course: Course): void;
}

export abstract class Peer {
  protected course: Course = { at: "idle" };
  #pc: RTCPeerConnection | null = null;
  #session: string | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #watch: ReturnType<typeof setInterval> | undefined;

  /** It is looked after every `lookMs`; `failure` says in the console's words what failed with an error. */
  constructor(
    private readonly place: Place,
    private readonly lookMs: number,
    private readonly failure: string,
  ) {}

  stop(): void {
    this.step({ kind: "stop" });
  }

  /** Says what a new connection carries. */
  protected abstract prepare(pc: RTCPeerConnection, began: number): void;
  /** The server has answered; `look` looks after the connection at once. */
  protected abstract answered(pc: RTCPeerConnection, look: () => void): void;
  protected abstract look(pc: RTCPeerConnection, began: number): void;
  /** What the server's refusal means. */
  protected turned({ status, reason, ms }: Turned): Step {
    return { kind: "turned", status, reason, ms };
  }
  /** The connection is not used any more. */
  protected left(): void {}

  protected isCurrent(pc: RTCPeerConnection): boolean {
    return this.#pc === pc;
  }

  protected step(step: Step): void {
    const before = this.course;
    const course = next(before, step, Math.random());
    if (course === before) return;
    this.course = course;
    clearTimeout(this.#timer);
    if (course.at !== "on") this.#hangUp();
    this.place.onCourse(course);
    if (course.at === "trying") void this.#connect();
    else if (course.at === "waiting") this.#timer = setTimeout(() => this.step({ kind: "due" }), course.ms);
  }

  async #connect(): Promise<void> {
    if (typeof RTCPeerConnection === "undefined") return this.step({ kind: "unsupported" });
    const pc = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
    this.#pc = pc;
    const began = performance.now();
    this.prepare(pc, began);
    try {
      const session = await negotiate(pc, this.place.url, this.place.bearer);
      if (this.#pc !== pc) return hangUp(pc, session, this.place.bearer);
      this.#session = session;
    } catch (error) {
      if (this.#pc !== pc) return;
      if (error instanceof Turned) return this.step(this.turned(error));
      warn(this.failure, error);
      return this.step({ kind: "lost" });
    }
    const look = () => {
      if (this.#pc === pc) this.look(pc, began);
    };
    this.answered(pc, look);
    this.#watch = setInterval(look, this.lookMs);
  }

  #hangUp(): void {
    clearInterval(this.#watch);
    if (this.#pc) hangUp(this.#pc, this.#session, this.place.bearer);
    this.#pc = null;
    this.#session = null;
    this.left();
  }
}
