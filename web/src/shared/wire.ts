/** The wire as pages read it: names and shapes of docs/protocol.md. Times are ms since 1970, colours decimal RGB. */

export interface Person {
  id: string;
  name: string;
  tier: number;
}

export interface Style {
  id: string;
  name: string;
  color: number;
  /** 1 scroll, 4 bottom, 5 top. */
  modes: number[];
  /** From which level on it is open; absent where it is open already. */
  locked?: { tier?: number } | null;
}

export interface Emote {
  id: string;
  pack: string;
  /** What is read in its place, in brackets. */
  alt: string;
  alt_zh: string;
  size: number;
  locked?: { tier?: number } | null;
}

export interface Reward {
  id: string;
  kind: string;
  title: string;
}

export interface Medal {
  id: string;
  title: string;
}

/** The next step of the ladder: `in` more days to `title`. */
export interface NextStep {
  day: number;
  title: string;
  in: number;
}

/** A step of the ladder; `by` total: by check-ins in all, which no break takes away. */
export interface Step {
  day: number;
  title: string;
  medal?: Medal;
  stock?: number | null;
  by?: "total";
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
  ladder: Step[];
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
  medals: Medal[];
  next: NextStep | null;
  expires_at: number | null;
  at: number;
  durability: string;
  /** Days that were excused afterwards, where they made the streak whole again. */
  restored?: string[];
}

export interface BoardRow {
  rank: number;
  user: Person;
  length: number;
  total: number;
}

export interface Board {
  rows: BoardRow[];
  me: Omit<BoardRow, "user"> | null;
}

export interface Entitlements {
  version?: number;
  styles?: string[];
  modes?: number[];
  emotes?: string[];
  effects?: string[];
  perks?: string[];
}

export interface GrowthPath {
  tiers: { level: number; name: string; at: number; reached: boolean }[];
  history: { at: number; from_tier: number; tier: number }[];
  /** When the tier ends without further score; null where it lasts. */
  until: number | null;
}

/** A tier that ends at `by` unless so many points are earned before. */
export interface Downgrade {
  tier: number;
  to: number;
  points_needed: number;
  by: number;
}

export interface MemberSettings {
  entrance: boolean;
  hide_streak: boolean;
}

/** Why somebody may not speak; `until` null: until it is undone. */
export interface Sanction {
  until: number | null;
  reason?: string | null;
}

export interface Card {
  user: Person;
  tier: { level: number; name: string; badge: string };
  points: number;
  qualifying: number;
  next_tier: { name: string; in: number } | null;
  streak: { current: number; best: number; total: number; done_today: boolean };
  entitlements: Entitlements | null;
  medals: Medal[];
  settings: Partial<MemberSettings> | null;
  will_downgrade?: Downgrade | null;
  points_today?: { rule: string; points: number; daily: number | null }[];
  path?: GrowthPath;
  muted?: Sanction | null;
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

/** What the platform sets of a room's days. */
export interface RoomDays {
  zone?: string;
  boundary?: number;
  language?: string;
  /** Which days ask for a check-in; pages know the ones they have words for. */
  cadence?: string;
  live_minutes?: number;
  dwell_seconds?: number;
}

export interface Room extends RoomDays {
  id: string;
  title: string;
  host: string | { id: string; name: string } | null;
  live: boolean;
  live_since?: number | null;
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
  emotes?: Emote[];
  likes?: { total: number };
  /** The viewer's own entrance, which his page plays itself. */
  effects: { entrance?: EntranceEffect | null } | null;
  /** Null where a room has one picture, carried elsewhere. */
  stage?: StageNow | null;
  /** Where pictures are to be had, and for which slots they come in; null where the server carries none. */
  media?: { slots: string[] } | null;
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
  /** The id of the medal that its sender wears. */
  medal?: string;
  /** How often it was said alike within a tick, and the ids that it also stands for. */
  count?: number;
  merged?: string[];
}

export interface Removed extends Happened {
  type: "danmaku.removed";
  ids?: string[];
  user?: Person;
  /** Of what `user` said, what another's message may stand for. */
  merged?: string[];
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

export interface Liked extends Happened {
  type: "like.counted";
  delta: number;
  total: number;
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

export interface Excused extends Happened {
  type: "checkin.excused";
  first: string;
  last: string;
  reason: string;
  over?: string;
}

export interface ShoutoutShown extends Happened, Omit<Shoutout, "id"> {
  type: "shoutout.shown";
}

export interface Called extends Happened {
  type: "host.called";
  by: Person;
  users: Person[];
}

export interface TierChanged extends Happened {
  type: "membership.tier_changed";
  user?: Person;
  tier?: number | { level: number; name?: string; badge?: string };
  from_tier?: number;
  name?: string;
  since?: number;
  day?: string;
  /** The tier that the score makes, where the platform holds the member above it. */
  earned?: number;
}

/** The platform gave the member at least this tier, or took that back (no level). */
export interface TierAssigned extends Happened {
  type: "membership.tier_assigned";
  user?: Person;
  level?: number;
  until?: number;
  reason?: string;
}

/** A tier that was about to be lost was earned once more. */
export interface TierKept extends Happened {
  type: "membership.tier_kept";
  user?: Person;
  tier?: number;
  until?: number;
}

/** A seat of the stage, where a member speaks beside the host. */
export interface Seat {
  slot: string;
  user: Person;
  state: string;
  number: number;
  since: number;
  until?: number | null;
  muted: boolean;
}

/** Who is on stage or asked there, and who is in the main slot for the host. */
export interface StageNow {
  seats: Seat[];
  number: number;
  spotlight: string | null;
}

export interface StageChanged extends Happened, StageNow {
  type: "stage.changed";
}

/** For these slots pictures come in now. */
export interface MediaChanged extends Happened {
  type: "media.changed";
  slots: string[];
}

export interface RoomChanged extends Happened, Partial<RoomSettings>, RoomDays {
  type: "room.changed";
  live?: boolean;
  live_since?: number | null;
  live_by?: string;
  stream?: string;
  schedule?: Room["schedule"];
  ended_at?: number | null;
  storage?: Room["storage"];
  title?: string;
  host?: Room["host"];
}

/** What the platform shows: its own type, its own data. */
export interface AppEvent extends Happened {
  type: `app.${string}`;
  data: Record<string, unknown>;
}

export type RoomEvent =
  | Said
  | Removed
  | Entered
  | Entrance
  | Liked
  | Burst
  | Milestone
  | Excused
  | ShoutoutShown
  | Called
  | TierChanged
  | StageChanged
  | MediaChanged
  | RoomChanged
  | AppEvent;

export interface PointsEarned extends Happened {
  type: "membership.points_earned";
  user?: Person;
  points?: number;
  qualifying?: number;
  balance?: number;
  reason?: string;
  /** The day and the rule, where a rule or a tier has its limits by days. */
  credit?: { day: string; at: number; rule: string };
}

/** What happened earned nothing, as it may when a day's limit is reached. */
export interface NothingEarned extends Happened {
  type: "membership.nothing_earned";
  user?: Person;
  reason: string;
}

export interface PointsSpent extends Happened {
  type: "membership.points_spent";
  user?: Person;
  redemption?: string;
  item: { id: string; kind: string; title: string };
  price: number;
  balance: number;
  /** Where a member may take only so many of it. */
  counted?: boolean;
}

/** What points are spent on: `left` of a limited one, and how many of it the viewer may still take (`mine`). */
export interface Item {
  id: string;
  kind: string;
  title: string;
  price: number;
  tier?: number;
  left?: number;
  mine?: number;
}

export interface ItemsReply {
  items: Item[];
  balance: number | null;
}

export interface Redeemed {
  redemption: { id: string; item: string; kind: string; title: string; price: number; at: number };
  balance: number;
}

export interface EntitlementsChanged extends Happened, Entitlements {
  type: "membership.entitlements";
  user?: Person;
}

export interface WillDowngrade extends Happened, Downgrade {
  type: "membership.will_downgrade";
  user?: Person;
}

export interface Rewarded extends Happened {
  type: "checkin.rewarded";
  user?: Person;
  streak?: string;
  day?: string;
  step?: number;
  by?: "streak" | "total";
  reward?: Reward;
  points?: number;
  medal?: Medal;
}

export interface Restored extends Happened {
  type: "checkin.restored";
  user?: Person;
  streak?: string;
  length: number;
  days: string[];
}

export interface MedalEarned extends Happened {
  type: "membership.medal_earned";
  user?: Person;
  medal: Medal;
}

export interface Invited extends Happened {
  type: "stage.invited";
  user: Person;
  by: Person;
  slot: string;
  expires_at: number;
}

export type Act = "mute" | "unmute" | "kick" | "ban" | "unban";

export interface Moderated extends Happened {
  type: "moderation.changed";
  user: Person;
  kind: Act;
  until?: number;
  reason?: string;
}

export type PersonalEvent =
  | PointsEarned
  | NothingEarned
  | PointsSpent
  | EntitlementsChanged
  | WillDowngrade
  | MedalEarned
  | Rewarded
  | Restored
  | Moderated
  | Invited
  | TierAssigned
  | TierKept
  | TierChanged;

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
