/** The wire as the host's page reads it beside what every page does: names and shapes of docs/protocol.md. */

import type { Batch, Person, Room, RoomEvent, Said, Snapshot } from "../shared/wire";

export type CueKind = "milestone" | "promotion" | "returning" | "first_time";
export type Outcome = "said" | "later" | "skipped";
export type Role = "host" | "moderator";

interface Happened {
  id: string;
  at: number;
}

export interface Cue {
  id: string;
  kind: CueKind;
  priority: number;
  user: Person;
  /** At most five of `count`. */
  users: Person[];
  count: number;
  script: string;
  expires_at: number;
}

export interface CueEvent extends Happened, Cue {
  type: "host.cue";
}

export interface CueClosed extends Happened {
  type: "host.cue_closed";
  cue: string;
  outcome: Outcome;
  by: Person;
}

export interface Missed extends Happened {
  type: "host.missed";
  cues: Cue[];
}

export interface ModerationChanged extends Happened {
  type: "moderation.changed";
  user: Person;
  kind: "mute" | "unmute" | "kick" | "ban" | "unban";
  until?: number | null;
  reason?: string | null;
}

export type HostEvent = CueEvent | CueClosed | Missed | ModerationChanged;

export interface Removed extends Happened {
  type: "danmaku.removed";
  ids?: string[];
  user?: Person;
}

export interface Liked extends Happened {
  type: "like.counted";
  delta: number;
  total: number;
}

export interface Called extends Happened {
  type: "host.called";
  by: Person;
  users: Person[];
}

export type Message = RoomEvent | Removed | Liked | Called;

export interface HostBatch extends Omit<Batch, "events"> {
  events: Message[];
}

/** What several say alike comes as one message with the ids of the others. */
export type SaidByMany = Said & { count?: number; merged?: string[] };

export interface HostRoom extends Room {
  live_since?: number | null;
  zone?: string;
}

export interface HostSnapshot extends Omit<Snapshot, "room"> {
  room: HostRoom;
  likes?: { total: number };
}

/** How a tier's entrances went since the room opened; `p95_ms` null: above what is measured. */
export interface EntranceFigures {
  tier: number;
  played: number;
  merged: number;
  mean_ms: number | null;
  p95_ms: number | null;
}

export interface Sanction {
  user: Person;
  until: number | null;
  reason: string | null;
}

export interface Backstage {
  role: Role;
  cues: Cue[];
  missed: Cue[];
  muted: Sanction[];
  today: number;
  entrances: EntranceFigures[];
}

/** A regular who has come back: days checked in, and days away. */
export interface Regular extends Person {
  days: number;
  away: number;
}
