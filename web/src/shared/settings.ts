/** What the viewer chose, kept on his device. */

import { effect, signal } from "@preact/signals";
import { warn } from "./warn";

export interface Settings {
  version: 1;
  /** null: on, unless the device asks for reduced motion. */
  danmaku: boolean | null;
  area: number;
  opacity: number;
  scale: number;
  speed: number;
  merge: boolean;
  entrances: "all" | "mine" | "none";
  motion: "system" | "full" | "reduced";
  announce: "off" | "important" | "all";
  /** The style of own messages; null: the best one open to me. */
  style: string | null;
  lang: "en" | "zh" | null;
}

export const DEFAULTS: Settings = {
  version: 1,
  danmaku: null,
  area: 0.5,
  opacity: 1,
  scale: 1,
  speed: 1,
  merge: true,
  entrances: "all",
  motion: "system",
  announce: "important",
  style: null,
  lang: null,
};

const KEY = "roomserver.settings";

/** Reads kept settings; what is missing, of another version or of another type is replaced by its default. */
export function readSettings(text: string | null): Settings {
  if (text === null) return DEFAULTS;
  try {
    const kept: unknown = JSON.parse(text);
    if (typeof kept !== "object" || kept === null || (kept as Settings).version !== 1) return DEFAULTS;
    const known = Object.entries(kept).filter(([name, value]) => fits(name, value));
    return { ...DEFAULTS, ...Object.fromEntries(known) };
  } catch (error) {
    warn("kept settings could not be read", error);
    return DEFAULTS;
  }
}

const CHOICES: Record<string, readonly unknown[]> = {
  danmaku: [null, true, false],
  area: [0.25, 0.5, 0.75, 1],
  merge: [true, false],
  entrances: ["all", "mine", "none"],
  motion: ["system", "full", "reduced"],
  announce: ["off", "important", "all"],
  lang: [null, "en", "zh"],
};
const RANGES: Record<string, readonly [number, number]> = { opacity: [0.2, 1], scale: [0.8, 1.4], speed: [0.5, 1.5] };

function fits(name: string, value: unknown): boolean {
  const range = RANGES[name];
  if (range) return typeof value === "number" && value >= range[0] && value <= range[1];
  if (name === "style") return value === null || typeof value === "string";
  return CHOICES[name]?.includes(value) ?? false;
}

export const settings = signal<Settings>(DEFAULTS);

export function choose(change: Partial<Settings>): void {
  settings.value = { ...settings.value, ...change };
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
