/** What the host knows of his room, and what may happen to it. */

import type {
  Batch,
  Milestone,
  Person,
  Room,
  RoomEvent,
  RoomSettings,
  Shoutout,
  Snapshot,
  StageNow,
} from "../shared/wire";
import { EMPTY_PACE, type Pace } from "./pace";
import type { Backstage, Cue, CueKind, EntranceFigures, HostEvent, ModerationChanged, Role, Sanction } from "./wire";

/** Rows kept in memory: scrolling back reaches this far. */
export const KEPT_ROWS = 500;
export const KEPT_MISSED = 100;

/** A card of the desk, or one of the page's own: a name of the roll-call, a try-out. */
export interface Card extends Omit<Cue, "kind" | "expires_at"> {
  kind: CueKind | "call" | "test";
  /** null: it waits as long as it takes. */
  expires_at: number | null;
}

export interface SaidRow {
  kind: "said";
  key: string;
  at: number;
  user: Person;
  text: string;
  color: number;
  host: boolean;
  count: number;
  /** The ids of those said alike that it stands for. */
  merged?: string[];
  removed: boolean;
}

export type Row =
  | SaidRow
  | { kind: "gap"; key: string }
  | { kind: "milestone"; key: string; reached: Pick<Milestone, "user" | "measure" | "count"> }
  | { kind: "shoutout"; key: string; shoutout: Shoutout }
  | { kind: "called"; key: string; users: Person[] }
  | { kind: "done"; key: string; done: ModerationChanged };

export interface State {
  room: Room | null;
  me: Person | null;
  role: Role | null;
  online: number;
  likes: number;
  /** Check-ins of today. */
  today: number;
  cues: Card[];
  missed: Card[];
  rows: Row[];
  pace: Pace;
  /** Messages the room did not show to all, since the page opened. */
  shed: number;
  muted: Sanction[];
  /** Banned since the page opened: those before are not here to be told of. */
  banned: Sanction[];
  entrances: EntranceFigures[];
  /** When somebody was last thanked by a shout-out, by user. */
  thanked: ReadonlyMap<string, number>;
  /** The slots for which pictures come in; null where the server carries none. */
  slots: string[] | null;
  stage: StageNow | null;
}

export const EMPTY: State = {
  room: null,
  me: null,
  role: null,
  online: 0,
  likes: 0,
  today: 0,
  cues: [],
  missed: [],
  rows: [],
  pace: EMPTY_PACE,
  shed: 0,
  muted: [],
  banned: [],
  entrances: [],
  thanked: new Map(),
  slots: null,
  stage: null,
};

export type Input =
  | { kind: "joined"; snapshot: Snapshot; gap: boolean }
  | { kind: "before"; events: RoomEvent[] }
  | { kind: "batch"; batch: Batch; now: number }
  | { kind: "backstage"; found: Backstage }
  | { kind: "told"; events: HostEvent[] }
  | { kind: "own-cards"; cards: Card[] }
  | { kind: "gone"; cue: string }
  | { kind: "settings"; settings: RoomSettings };

/** What the page does once because of a message, beside showing the new state. */
export type Effect =
  | { kind: "cue"; card: Card }
  | { kind: "taken"; cue: string; by: Person }
  | { kind: "withdrawn"; cue: string }
  | { kind: "missed"; count: number };

export interface Step {
  state: State;
  effects: Effect[];
}
