/** What the viewer chose, kept on his device. */

import { effect, signal } from "@preact/signals";
import { warn } from "./warn";

/** Sorts of danmaku that can be left out of the picture; what is left out stays in the list. */
export const KINDS = ["scroll", "top", "bottom", "coloured", "emotes"] as const;
export type Kind = (typeof KINDS)[number];

export interface Settings {
  version: 2;
  /** null: on, unless the device asks for reduced motion. */
  danmaku: boolean | null;
  area: number;
  opacity: number;
  scale: number;
  speed: number;
  /** few: half as many; all: they may overlap rather than be left out. */
  density: "few" | "normal" | "all";
  without: Kind[];
  merge: boolean;
  white: boolean;
  blockedWords: string[];
  blockedUsers: { id: string; name: string }[];
  emotesAsWords: boolean;
  entrances: "all" | "mine" | "none";
  /** Whether others' check-ins, steps and orders are celebrated in the picture. */
  celebrations: boolean;
  motion: "system" | "full" | "reduced";
  announce: "off" | "important" | "all";
  /** The style of own messages; null: the best one open to me. */
  style: string | null;
  mode: number;
  recentEmotes: string[];
  lang: "en" | "zh" | null;
}

export const DEFAULTS: Settings = {
  version: 2,
  danmaku: null,
  area: 0.5,
  opacity: 1,
  scale: 1,
  speed: 1,
  density: "normal",
  without: [],
  merge: true,
  white: false,
  blockedWords: [],
  blockedUsers: [],
  emotesAsWords: false,
  entrances: "all",
  celebrations: true,
  motion: "system",
  announce: "important",
  style: null,
  mode: 1,
  recentEmotes: [],
  lang: null,
};

/** As many words and as many people can be blocked: each message is compared with every one. */
export const MOST_BLOCKED = 200;
export const LONGEST_WORD = 50;

const KEY = "roomserver.settings";

/** Reads kept settings, of the version before too; what is missing, unknown or out of range is replaced by its default. */
export function readSettings(text: string | null): Settings {
  if (text === null) return DEFAULTS;
  try {
    const kept: unknown = JSON.parse(text);
    if (typeof kept !== "object" || kept === null) return DEFAULTS;
    const version: unknown = "version" in kept ? kept.version : null;
    if (version !== 1 && version !== 2) return DEFAULTS;
    const known = Object.entries(kept).filter(([name, value]) => Object.hasOwn(FITS, name) && FITS[name]?.(value));
    return { ...DEFAULTS, ...Object.fromEntries(known) };
  } catch (error) {
    warn("kept settings could not be read", error);
    return DEFAULTS;
  }
}

type Fits = (value: unknown) => boolean;

const one =
  (...allowed: unknown[]): Fits =>
  (value) =>
    allowed.includes(value);
const between =
  (least: number, most: number): Fits =>
  (value) =>
    typeof value === "number" && value >= least && value <= most;
const several =
  (fits: Fits, most: number): Fits =>
  (value) =>
    Array.isArray(value) && value.length <= most && value.every(fits);
const text =
  (longest: number): Fits =>
  (value) =>
    typeof value === "string" && value.length > 0 && value.length <= longest;
const someone: Fits = (value) =>
  typeof value === "object" && value !== null && "id" in value && text(128)(value.id) && "name" in value;

const FITS: Record<string, Fits> = {
  danmaku: one(null, true, false),
  area: one(0.25, 0.5, 0.75, 1),
  opacity: between(0.2, 1),
  scale: between(0.8, 1.4),
  speed: between(0.5, 1.5),
  density: one("few", "normal", "all"),
  without: several(one(...KINDS), KINDS.length),
  merge: one(true, false),
  white: one(true, false),
  blockedWords: several(text(LONGEST_WORD), MOST_BLOCKED),
  blockedUsers: several(someone, MOST_BLOCKED),
  emotesAsWords: one(true, false),
  entrances: one("all", "mine", "none"),
  celebrations: one(true, false),
  motion: one("system", "full", "reduced"),
  announce: one("off", "important", "all"),
  style: (value) => value === null || text(64)(value),
  mode: one(1, 4, 5),
  recentEmotes: several(text(64), 24),
  lang: one(null, "en", "zh"),
};

export const settings = signal<Settings>(DEFAULTS);

export function choose(change: Partial<Settings>): void {
  settings.value = { ...settings.value, ...change };
}

/** Blocks a word; false when the list is full, or there is nothing to block. */
export function blockWord(word: string): boolean {
  const plain = word.trim().slice(0, LONGEST_WORD);
  const { blockedWords } = settings.value;
  if (plain === "" || blockedWords.length >= MOST_BLOCKED) return false;
  if (!blockedWords.includes(plain)) choose({ blockedWords: [...blockedWords, plain] });
  return true;
}

/** Blocks a person; false when the list is full. */
export function blockUser({ id, name }: { id: string; name: string }): boolean {
  const { blockedUsers } = settings.value;
  if (blockedUsers.some((user) => user.id === id)) return true;
  if (blockedUsers.length >= MOST_BLOCKED) return false;
  choose({ blockedUsers: [...blockedUsers, { id, name }] });
  return true;
}

/** Loads the settings and keeps every later change; where the browser forbids storage they live as long as the page. */
export function keepSettings(store: Storage): void {
  settings.value = readSettings(store.getItem(KEY));
  effect(() => {
    try {
      store.setItem(KEY, JSON.stringify(settings.value));
    } catch (error) {
      warn("settings could not be kept", error);
    }
  });
}

const query = typeof matchMedia === "function" ? matchMedia("(prefers-reduced-motion: reduce)") : null;
const systemReduced = signal(query?.matches ?? false);
query?.addEventListener("change", (event) => {
  systemReduced.value = event.matches;
});

/** Whether things must not move: the page's own switch wins over the device's, in both directions. */
export function reducedMotion(): boolean {
  const { motion } = settings.value;
  return motion === "system" ? systemReduced.value : motion === "reduced";
}

export function danmakuShown(): boolean {
  return settings.value.danmaku ?? !reducedMotion();
}
