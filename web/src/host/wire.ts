/** The wire as the host's page reads it beside what every page does: names and shapes of docs/protocol.md. */

import type { Person } from "../shared/wire";

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
  /** In the room's language. */
  script: string;
  scripts?: Record<"en" | "zh", string>;
  expires_at: number;
}

export interface CueEvent extends Happened, Cue {
  type: "host.cue";
}

export interface CueClosed extends Happened {
  type: "host.cue_closed";
  cue: string;
  outcome: Outcome | "withdrawn";
  /** Nobody where it was withdrawn. */
  by?: Person | null;
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
