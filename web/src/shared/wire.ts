/** The wire as the viewer page reads it: names and shapes of docs/protocol.md. Times are ms since 1970, colours decimal RGB. */

export interface Person {
  id: string;
  name: string;
  tier: number;
}

export interface Style {
  id: string;
  name: string;
  color: number;
  modes: number[];
  /** From which level on it is open; absent where it is open already. */
  locked?: { tier?: number } | null;
}

export interface Reward {
  id: string;
  kind: string;
  title: string;
}

/** The next step of the ladder: `in` more days to `title`. */
export interface NextStep {
  day: number;
  title: string;
  in: number;
}

export type DayKind = "done" | "bridged" | "excused" | "missed" | "open";

export interface CalendarDay {
  date: string;
  kind: DayKind;
}

export interface Calendar {
  month: string;
  days: CalendarDay[];
  current: number;
  best: number;
  total: number;
  next: NextStep | null;
}

export interface CheckIn {
  day: string;
  done: boolean;
  current: number;
  next: NextStep | null;
  /** Milliseconds of presence still missing before a check-in is allowed. */
  eligible_in: number | null;
  expires_at: number | null;
  ladder: { day: number; title: string; stock?: number | null; by?: "total" }[];
  month: Calendar;
}

export interface Receipt {
  id: string;
  day: string;
  streak: number;
  best: number;
  total: number;
  replayed: boolean;
  points: number;
  balance: number;
  rewards: Reward[];
  medals: unknown[];
  next: NextStep | null;
  expires_at: number | null;
  at: number;
  durability: string;
}

export interface Entitlements {
  version?: number;
  styles?: string[];
  emotes?: string[];
  effects?: string[];
  perks?: string[];
}

export interface Card {
  user: Person;
  tier: { level: number; name: string; badge: string };
  points: number;
  qualifying: number;
  next_tier: { name: string; in: number } | null;
  streak: { current: number; best: number; total: number; done_today: boolean };
  entitlements: Entitlements | null;
  medals: unknown[];
  settings: Record<string, unknown> | null;
}

export interface RoomSettings {
  slow_seconds?: number;
  min_tier?: number;
  members_only?: boolean;
  emotes_only?: boolean;
  hosts_only?: boolean;
  frozen?: boolean;
  guests_speak?: boolean;
}

export interface Room {
  id: string;
  title: string;
  host: string | { id: string; name: string } | null;
  live: boolean;
  schedule: { next_at: number | null } | null;
  ended_at: number | null;
  settings: RoomSettings;
  storage: "ok" | "away";
}

export interface Shoutout {
  id: string;
  by: Person;
  to: Person;
  text: string;
  pinned_until: number;
}

/** The pinned shout-out of a snapshot; its id may be forgotten. */
export type PinnedShoutout = Omit<Shoutout, "id"> & { id?: string };

/** An entrance effect, as long as it plays; `reduced` names what is shown where less motion is wished for. */
export interface EntranceEffect {
  id: string;
  priority: number;
  duration_ms: number;
  reduced: string;
}

export interface Snapshot {
  at: number;
  wire: number;
  room: Room;
  online: number;
  me: Card | null;
  checkin: CheckIn | null;
  pinned: PinnedShoutout[] | PinnedShoutout | null;
  styles: Style[];
  /** The viewer's own entrance, which his page plays itself. */
  effects: { entrance?: EntranceEffect | null } | null;
}

interface Happened {
  id: string;
  at: number;
}

export interface Said extends Happened {
  type: "danmaku.said";
  user: Person;
  text: string;
  emote?: string;
  style: { id: string; color: number; mode: number; size: number };
}

export interface Entered extends Happened {
  type: "presence.entered";
  count: number;
  sample: Person[];
}

export interface Entrance extends Happened {
  type: "effects.entered";
  user?: Person;
  effect?: EntranceEffect;
  users?: Person[];
  count?: number;
}

export interface Burst extends Happened {
  type: "checkin.burst";
  delta: number;
  today: number;
  sample: { user: Person; streak: number }[];
}

export interface Milestone extends Happened {
  type: "checkin.milestone";
  user: Person;
  /** Which streak of the room it was. */
  streak: string;
  /** `count` days in a row, or so many check-ins in all. */
  measure: "length" | "total";
  count: number;
}

export interface ShoutoutShown extends Happened, Omit<Shoutout, "id"> {
  type: "shoutout.shown";
}

export interface TierChanged extends Happened {
  type: "membership.tier_changed";
  user?: Person;
  tier?: number | { level: number; name?: string; badge?: string };
  name?: string;
}

export interface RoomChanged extends Happened, Partial<RoomSettings> {
  type: "room.changed";
  live?: boolean;
  schedule?: Room["schedule"];
  ended_at?: number | null;
  storage?: Room["storage"];
  title?: string;
  host?: Room["host"];
  zone?: string;
  boundary?: number;
}

export type RoomEvent = Said | Entered | Entrance | Burst | Milestone | ShoutoutShown | TierChanged | RoomChanged;

export interface PointsEarned extends Happened {
  type: "membership.points_earned";
  balance?: number;
}

export interface EntitlementsChanged extends Happened, Entitlements {
  type: "membership.entitlements";
}

export interface Rewarded extends Happened {
  type: "checkin.rewarded";
  rewards?: Reward[];
}

export interface MedalEarned extends Happened {
  type: "membership.medal_earned";
  medal: unknown;
}

export type PersonalEvent = PointsEarned | EntitlementsChanged | MedalEarned | Rewarded | TierChanged;

export interface Batch {
  events: RoomEvent[];
  online?: number;
  shed?: Record<string, number>;
}

export interface SendReply {
  id: string;
  status: "accepted" | "shed";
  style: string | { id: string; color?: number; mode?: number; size?: number };
  degraded?: unknown;
}
