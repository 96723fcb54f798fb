/** The SDK's connection to one room, as the page needs it: what state it is in, what arrives, and how to ask. */

import { Centrifuge, type Subscription, UnauthorizedError } from "centrifuge";
import { NoDoor } from "./token";
import { warn } from "./warn";

export type Link =
  /** `why`: the server is there and lets nobody in just now. */
  | { state: "loading"; why?: Delay }
  | { state: "open" }
  | { state: "reconnecting" }
  | { state: "guest" }
  /** `waitMs`: after how long it may be tried again, where that is known. */
  | { state: "closed"; reason: string; code: number; waitMs?: number };

export interface Listener {
  link(link: Link): void;
  /** The room was entered; `gap` when messages since the last time are lost. */
  joined(snapshot: unknown, gap: boolean): void;
  room(data: unknown): void;
  personal(data: unknown): void;
}

/** A command the server did not do: `retryIn` ms where waiting helps, `temporary` where the same may work later. */
export class Refusal extends Error {
  readonly retryIn: number | null;

  constructor(
    readonly code: number,
    message: string,
    readonly temporary: boolean,
  ) {
    super(message.replace(/; retry in \d+ ms$/, ""));
    const wait = /; retry in (\d+) ms$/.exec(message);
    this.retryIn = wait ? Number(wait[1]) : null;
  }
}

/** Codes below 100 are the SDK's own (time-out, connection lost); 100 and 111 are temporary by their meaning. */
export function toRefusal(error: unknown): Refusal {
  const {
    code = 0,
    message = String(error),
    temporary = false,
  } = error as { code?: number; message?: string; temporary?: boolean };
  return new Refusal(
    code,
    message,
    temporary || code < 100 || code === 100 || code === 111 || /; retry in \d+ ms$/.test(message),
  );
}

/** Its store cannot be read, or too many come at once. */
export type Delay = "away" | "busy";

/** Why the room is entered later, where a refusal says so. */
export function delayOf(code: number): Delay | null {
  return code === 1003 ? "away" : code === 1010 ? "busy" : null;
}

/** Why a connection or a subscription ended for good, in the page's own words. */
export function closeReason(code: number): string {
  switch (code) {
    case 3503:
      return "kicked";
    case 3005:
    case 2501:
    case 109:
      return "expired";
    case 3500:
    case 101:
      return "invalid";
    case 3504:
      return "limit";
    case 102:
    case 1005:
    case 1006:
      return "room";
    case 103:
      return "denied";
    case 1602:
    case 1603:
      return "banned";
    default:
      return "other";
  }
}

const INVALID_TOKEN = 3500;

export class Connection {
  protected readonly client: Centrifuge;
  protected readonly subscription: Subscription;
  #entered = false;
  /** The token let us in before, so a server that calls it invalid now has new secrets. */
  #trusted = false;

  constructor(url: string, room: string, door: () => Promise<string>, listener: Listener, name = "viewer") {
    this.client = new Centrifuge(url, {
      getToken: () => this.#ask(door, listener),
      name,
    });
    this.subscription = this.client.newSubscription(`room:${room}`);
    this.#hearClient(listener);
    this.#hearRoom(listener);
  }

  open(): void {
    this.subscription.subscribe();
    this.client.connect();
  }

  /** Calls a method; raises Refusal. */
  async call<T>(method: string, data: Record<string, unknown>): Promise<T> {
    try {
      const { data: reply } = await this.client.rpc(method, data);
      return reply as T;
    } catch (error) {
      throw toRefusal(error);
    }
  }

  async #ask(door: () => Promise<string>, listener: Listener): Promise<string> {
    try {
      return await door();
    } catch (error) {
      if (!(error instanceof NoDoor)) throw error;
      listener.link(this.#entered ? { state: "closed", reason: "expired", code: 109 } : { state: "guest" });
      throw new UnauthorizedError(error.message);
    }
  }

  #hearClient(listener: Listener): void {
    this.client.on("connecting", () => {
      listener.link({ state: this.#entered ? "reconnecting" : "loading" });
    });
    this.client.on("disconnected", ({ code }) => {
      if (code === INVALID_TOKEN && this.#trusted) this.#knockAgain();
      else if (code !== 0 && code !== 1) listener.link({ state: "closed", reason: closeReason(code), code });
    });
    this.client.on("publication", ({ data }) => listener.personal(data));
    this.client.on("error", ({ error }) => warn(`connection: ${error.message}`, error));
  }

  /** Asks the door for a new token, once: a second refusal is final. */
  #knockAgain(): void {
    this.#trusted = false;
    this.client.setToken("");
    this.client.connect();
  }

  #hearRoom(listener: Listener): void {
    this.subscription.on("subscribed", ({ data, wasRecovering, recovered }) => {
      listener.joined(data, this.#entered && wasRecovering && !recovered);
      this.#entered = true;
      this.#trusted = true;
      listener.link({ state: "open" });
    });
    this.subscription.on("subscribing", () => {
      if (this.#entered) listener.link({ state: "reconnecting" });
    });
    this.subscription.on("publication", ({ data }) => listener.room(data));
    this.subscription.on("unsubscribed", ({ code }) => {
      if (code !== 0 && code !== 2) listener.link({ state: "closed", reason: closeReason(code), code });
    });
    this.subscription.on("error", ({ error }) => {
      const { code, message, temporary, retryIn } = toRefusal(error);
      const why = delayOf(code);
      if (why && !this.#entered) listener.link({ state: "loading", why });
      if (closeReason(code) !== "banned") return temporary ? undefined : warn(`room: ${message}`, error);
      // The SDK goes on asking, and enters when the ban is over.
      listener.link({ state: "closed", reason: "banned", code, ...(retryIn === null ? {} : { waitMs: retryIn }) });
    });
  }
}
