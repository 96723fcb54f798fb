/** What the viewer knows of the room, and what may happen to it. */

import type {
  Batch,
  Burst,
  Calendar,
  Card,
  CheckIn,
  Entrance,
  Milestone,
  Person,
  PersonalEvent,
  Receipt,
  Room,
  SendReply,
  Shoutout,
  Snapshot,
  Style,
} from "../shared/wire";

export const WHITE = 16777215;
/** Rows kept in memory: scrolling back reaches this far. */
export const KEPT_ROWS = 1000;

export interface SaidRow {
  kind: "said";
  key: string;
  user: Person;
  text: string;
  color: number;
  mine: boolean;
  host: boolean;
  status: "shown" | "sending" | "shed";
  /** How often the same person said the same in a row. */
  count: number;
}

export type Row =
  | SaidRow
  | { kind: "gap"; key: string }
  | { kind: "milestone"; key: string; reached: Reached }
  | { kind: "tier"; key: string; user: Person; tier: string }
  | { kind: "shoutout"; key: string; shoutout: Shoutout }
  | { kind: "degraded"; key: string };

/** What somebody reached: so many days in a row, or in all. */
export type Reached = Pick<Milestone, "user" | "measure" | "count">;

export interface Joined {
  users: Person[];
  count: number;
}

export interface State {
  room: Room | null;
  online: number;
  me: Card | null;
  checkin: CheckIn | null;
  styles: Style[];
  pinned: Shoutout[];
  /** The host's name, once he was seen to say anything: the room itself knows only his id. */
  hostName: string;
  rows: Row[];
  joined: Joined | null;
  burst: Burst | null;
  /** Messages the room did not show to all, since the page opened. */
  shed: number;
  receipt: Receipt | null;
}

export const EMPTY: State = {
  room: null,
  online: 0,
  me: null,
  checkin: null,
  styles: [],
  pinned: [],
  hostName: "",
  rows: [],
  joined: null,
  burst: null,
  shed: 0,
  receipt: null,
};

export type Input =
  | { kind: "joined"; snapshot: Snapshot; gap: boolean }
  | { kind: "batch"; batch: Batch }
  | { kind: "personal"; events: PersonalEvent[] }
  | { kind: "sending"; key: string; text: string; color: number }
  | { kind: "sent"; key: string; reply: SendReply }
  | { kind: "unsent"; key: string }
  | { kind: "receipt"; receipt: Receipt }
  | { kind: "card"; card: Card }
  | { kind: "month"; month: Calendar };

/** A danmaku as the picture shows it. */
export interface Flight {
  id: string;
  text: string;
  color: number;
  mode: number;
  size: number;
  mine: boolean;
  host: boolean;
  tier: number;
}

/** What the page does once because of a message, beside showing the new state. */
export type Effect =
  | { kind: "fly"; flight: Flight }
  | { kind: "entrance"; entrance: Entrance; mine: boolean }
  | { kind: "shoutout"; shoutout: Shoutout; mine: boolean }
  | { kind: "milestone"; reached: Reached; mine: boolean };

export interface Step {
  state: State;
  effects: Effect[];
}
