/** What the viewer knows of the room, and what may happen to it. */

import type {
  Batch,
  Burst,
  Calendar,
  Card,
  CheckIn,
  Downgrade,
  Emote,
  Entrance,
  Invited,
  MemberSettings,
  Milestone,
  Moderated,
  Person,
  PersonalEvent,
  Receipt,
  Room,
  SendReply,
  Shoutout,
  Snapshot,
  StageNow,
  Style,
} from "../shared/wire";
import type { Notice, Product } from "./shop/notice";

export const WHITE = 16777215;
/** Rows kept in memory: scrolling back reaches this far. */
export const KEPT_ROWS = 1000;

export interface SaidRow {
  kind: "said";
  key: string;
  /** The ids of all messages that this row stands for. */
  ids: string[];
  /** Those that were said alike, by the id of the message that was shown for them. */
  led?: Record<string, string[]>;
  user: Person;
  /** The id of the medal beside the name. */
  medal?: string | undefined;
  text: string;
  emote: string | null;
  color: number;
  mine: boolean;
  host: boolean;
  /** removed: taken back by a moderator; only the viewer's own messages are still shown then. */
  status: "shown" | "sending" | "shed" | "removed";
  /** How often it was said. */
  count: number;
}

export type Row =
  | SaidRow
  | { kind: "gap"; key: string }
  | { kind: "milestone"; key: string; reached: Reached }
  | { kind: "tier"; key: string; user: Person; level: number; tier: string; fell: boolean; mine: boolean }
  | { kind: "shoutout"; key: string; shoutout: Shoutout; mine: boolean }
  | { kind: "called"; key: string; by: Person; users: Person[]; mine: boolean }
  | { kind: "excused"; key: string; first: string; last: string; reason: string }
  | { kind: "restored"; key: string; length: number }
  | { kind: "downgrade"; key: string; warning: Downgrade }
  | { kind: "standing"; key: string; news: TierNews }
  | { kind: "shop"; key: string; notice: Notice }
  | { kind: "degraded"; key: string };

/** The viewer's level, kept though it was about to be lost, or given by the platform; taken back where there is none. */
export interface TierNews {
  kept: boolean;
  level: number | null;
  until: number | null;
}

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
  emotes: Emote[];
  pinned: Shoutout[];
  /** The host's name, once he was seen to say anything: the room itself knows only his id. */
  hostName: string;
  rows: Row[];
  joined: Joined | null;
  burst: Burst | null;
  likes: number;
  /** What the shop shows right now. */
  product: Product | null;
  /** Messages the room did not show to all, since the page opened. */
  shed: number;
  receipt: Receipt | null;
  /** The host has called the viewer by his name. */
  called: { id: string; by: Person; at: number } | null;
  /** What a moderator last did about the viewer. */
  act: Moderated | null;
  /** The slots for which pictures come in; null where the server carries none. */
  slots: string[] | null;
  stage: StageNow | null;
  /** The host has asked the viewer on stage. */
  invited: Invited | null;
  /** The style that was sent in place of the wished one, already told. */
  degradedTo: string | null;
}

export const EMPTY: State = {
  room: null,
  online: 0,
  me: null,
  checkin: null,
  styles: [],
  emotes: [],
  pinned: [],
  hostName: "",
  rows: [],
  joined: null,
  burst: null,
  likes: 0,
  product: null,
  shed: 0,
  receipt: null,
  called: null,
  act: null,
  slots: null,
  stage: null,
  invited: null,
  degradedTo: null,
};

/** A message of the viewer's that the room has not answered yet. */
export interface Sending {
  key: string;
  text: string;
  emote: string | null;
  color: number;
}

export type Input =
  | { kind: "joined"; snapshot: Snapshot; gap: boolean }
  | { kind: "batch"; batch: Batch }
  | { kind: "personal"; events: PersonalEvent[] }
  | ({ kind: "sending" } & Sending)
  | { kind: "sent"; key: string; reply: SendReply }
  | { kind: "unsent"; key: string }
  | { kind: "receipt"; receipt: Receipt }
  | { kind: "card"; card: Card }
  | { kind: "chosen"; settings: MemberSettings }
  | { kind: "month"; month: Calendar }
  | { kind: "product"; product: Product | null };

/** A danmaku as the picture shows it. */
export interface Flight {
  id: string;
  user: Person;
  text: string;
  emote: string | null;
  color: number;
  mode: number;
  size: number;
  count: number;
  mine: boolean;
  host: boolean;
}

/** What the page does once because of a message, beside showing the new state. */
export type Effect =
  | { kind: "fly"; flight: Flight }
  | { kind: "removed"; ids: string[]; user: string | null }
  | { kind: "entrance"; entrance: Entrance; mine: boolean }
  | { kind: "shoutout"; shoutout: Shoutout; mine: boolean }
  | { kind: "milestone"; reached: Reached; mine: boolean }
  | { kind: "called"; by: Person; users: Person[]; mine: boolean }
  | { kind: "liked"; delta: number }
  | { kind: "act"; act: Moderated }
  /** The rules of the chat, or whether there is a stream, are others now. */
  | { kind: "modes" }
  | { kind: "live"; live: boolean }
  /** The viewer's days are others than he was told: they must be asked for. `marked`: he checked in, here or elsewhere. */
  | { kind: "days"; marked?: true }
  | { kind: "downgrade"; warning: Downgrade }
  | { kind: "standing"; news: TierNews };

export interface Step {
  state: State;
  effects: Effect[];
}
