/** The page's words in the viewer's language; switching needs no reload. */

import { computed, type ReadonlySignal, signal } from "@preact/signals";
import { en } from "./en";

export type Lang = "en" | "zh";

export const lang = signal<Lang>("en");
/** The Chinese words, once they are here: who reads English never loads them. */
const zh = signal<typeof en | null>(null);
export const words = computed(() => (lang.value === "zh" ? (zh.value ?? en) : en));

/** Fetches the words of a language, if they are not here yet. */
export async function fetchWords(language: Lang): Promise<void> {
  if (language === "zh" && zh.value === null) zh.value = (await import("./zh")).zh;
}

/** The words of one part of a page, loaded with it; a text that is missing in Chinese does not compile. */
export function inLanguages<T>(en: T, zh: NoInfer<T>): ReadonlySignal<T> {
  return computed(() => (lang.value === "zh" ? zh : en));
}

/** The language of the page: the address, then the kept choice, then the device, then English. */
export function pickLang(asked: string | null, kept: Lang | null, device: readonly string[]): Lang {
  for (const wish of [asked, kept, ...device]) {
    const start = wish?.toLowerCase().split("-")[0];
    if (start === "zh" || start === "en") return start;
  }
  return "en";
}

const locale = computed(() => (lang.value === "zh" ? "zh-CN" : "en"));
const compactFormat = computed(
  () => new Intl.NumberFormat(locale.value, { notation: "compact", maximumFractionDigits: 1 }),
);
const exactFormat = computed(() => new Intl.NumberFormat(locale.value));

/** 1,234 stays exact; from 10,000 on 12.3K, in Chinese 1.2万. */
export function count(value: number): string {
  return value < 10_000 ? exactFormat.value.format(value) : compactFormat.value.format(value);
}

export function exact(value: number): string {
  return exactFormat.value.format(value);
}

/** A moment as the viewer's clock shows it: the time, with the day where it is not today. */
export function moment(at: number, now: number): string {
  const sameDay = new Date(at).toDateString() === new Date(now).toDateString();
  const day = sameDay ? {} : { weekday: "short" as const, month: "short" as const, day: "numeric" as const };
  return new Intl.DateTimeFormat(locale.value, { ...day, hour: "2-digit", minute: "2-digit" }).format(at);
}

const HOUR = 60;
const DAY = 24 * HOUR;

/** How long so many minutes are, in the largest unit of which there are two at least. */
export function lasting(minutes: number): string {
  const [unit, size] = minutes >= 2 * DAY ? ["day", DAY] : minutes >= 2 * HOUR ? ["hour", HOUR] : ["minute", 1];
  const format = { style: "unit", unit, unitDisplay: "long" } as const;
  return new Intl.NumberFormat(locale.value, format).format(Math.ceil(minutes / size));
}

/** A date of the calendar (`2026-11-21`) in words: it has no zone, the server has chosen the day. */
export function dayName(date: string): string {
  return dateFormat({ day: "numeric", month: "long" }).format(Date.parse(date));
}

export function monthName(month: string): string {
  return dateFormat({ month: "long", year: "numeric" }).format(Date.parse(`${month}-01`));
}

/** The names of the days of a week, Monday first or Sunday first. */
export function weekdays(first: number): { short: string; long: string }[] {
  const monday = Date.UTC(2024, 0, 1);
  return Array.from({ length: 7 }, (_, index) => {
    const at = monday + (index + first - 1) * 86_400_000;
    return { short: dateFormat({ weekday: "narrow" }).format(at), long: dateFormat({ weekday: "long" }).format(at) };
  });
}

function dateFormat(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(locale.value, { ...options, timeZone: "UTC" });
}

/** The first day of the week, 1 Monday to 7 Sunday. */
export function weekStart(language: Lang, device: readonly string[]): number {
  const tag = device.find((one) => one.toLowerCase().startsWith(language)) ?? (language === "zh" ? "zh-CN" : "en-US");
  const local = new Intl.Locale(tag) as Intl.Locale & {
    getWeekInfo?(): { firstDay: number };
    weekInfo?: { firstDay: number };
  };
  return local.getWeekInfo?.().firstDay ?? local.weekInfo?.firstDay ?? (language === "zh" ? 1 : 7);
}

/** A span of ms as 0:40, 12:31 or 5:12:00. */
export function span(ms: number): string {
  const whole = Math.max(0, Math.ceil(ms / 1000));
  const [hours, minutes, seconds] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const tail = `${String(minutes).padStart(hours > 0 ? 2 : 1, "0")}:${String(seconds).padStart(2, "0")}`;
  return hours > 0 ? `${hours}:${tail}` : tail;
}
