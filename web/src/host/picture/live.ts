/** The host's own picture: devices, what is sent of them, and the way to the air. */

import { batch, effect, signal } from "@preact/signals";
import { announce } from "../../shared/announce";
import type { Course } from "../../shared/media/course";
import { hearLevel, NoDevice, openDevices, openScreen, type Trouble } from "../../shared/media/devices";
import type { Uplink } from "../../shared/media/uplink";
import { Publisher } from "../../shared/media/whip";
import { storage } from "../../shared/storage";
import { bearer, comesIn, visit } from "../store";
import { pictureWords } from "./words";

const COUNT = 3;
const KEPT = { camera: "roomserver.camera", microphone: "roomserver.microphone" };
const kept = storage("localStorage");

export type Source = "camera" | "screen";

/** Camera and microphone, while they are open. */
export const devices = signal<MediaStream | null>(null);
/** What viewers see: the camera's picture, or the screen's. */
export const shown = signal<MediaStreamTrack | null>(null);
export const source = signal<Source>("camera");
export const trouble = signal<Trouble | null>(null);
/** What happened by itself, in words. */
export const note = signal("");
export const muted = signal(false);
export const level = signal(0);
/** Whether anything was heard since the microphone was opened. */
export const heard = signal(false);
/** Seconds until he is live; null while he is not about to be. */
export const countdown = signal<number | null>(null);
export const course = signal<Course>({ at: "idle" });
export const uplink = signal<Uplink | null>(null);
/** Since when the connection is lost. */
export const lostAt = signal<number | null>(null);

const publisher = new Publisher({
  url: `/whip/${encodeURIComponent(visit.room)}`,
  bearer,
  onCourse(now) {
    const lost = now.at === "waiting" || (now.at === "trying" && now.before);
    batch(() => {
      course.value = now;
      if (now.at !== "on") uplink.value = null;
      lostAt.value = lost ? (lostAt.value ?? Date.now()) : null;
    });
    if (now.at === "on") announce(pictureWords.value.onAir);
  },
  onUplink(now) {
    uplink.value = now;
  },
});

let came = false;
// A connection can be dead for seconds before the browser says so: the room hears of it at once.
effect(() => {
  if (came && !comesIn.value) publisher.missed();
  came = comesIn.value;
});

let deaf: (() => void) | undefined;
let timer: ReturnType<typeof setInterval> | undefined;

/** Opens camera and microphone; a click asks for it. */
export async function open(): Promise<void> {
  trouble.value = null;
  note.value = "";
  const wish = { camera: kept.getItem(KEPT.camera), microphone: kept.getItem(KEPT.microphone) };
  try {
    const { stream, fellBack } = await openDevices(wish);
    if (fellBack) note.value = pictureWords.value.fellBack;
    take(stream);
  } catch (error) {
    trouble.value = error instanceof NoDevice ? error.trouble : "other";
  }
}

function take(stream: MediaStream): void {
  stopTracks(devices.value);
  deaf?.();
  const [camera = null] = stream.getVideoTracks();
  const [microphone = null] = stream.getAudioTracks();
  batch(() => {
    devices.value = stream;
    heard.value = false;
    if (source.value === "camera") shown.value = camera;
  });
  for (const track of stream.getTracks())
    track.addEventListener("ended", () => {
      trouble.value = "lost";
    });
  if (microphone) {
    microphone.enabled = !muted.value;
    deaf = hearLevel(microphone, (now) => {
      level.value = now;
      if (now > 0.02) heard.value = true;
    });
  }
  publisher.replace("audio", microphone);
  if (source.value === "camera") publisher.replace("video", camera);
}

/** Takes another camera or microphone, and remembers it. */
export async function pick(which: keyof typeof KEPT, id: string): Promise<void> {
  kept.setItem(KEPT[which], id);
  await open();
}

export async function share(): Promise<void> {
  try {
    const track = await openScreen();
    track.addEventListener("ended", () => {
      note.value = pictureWords.value.screenEnded;
      announce(note.value);
      showCamera();
    });
    send("screen", track);
  } catch (error) {
    const why = error instanceof NoDevice ? error.trouble : "other";
    if (why !== "dismissed") trouble.value = why;
  }
}

export function showCamera(): void {
  if (source.value === "screen") shown.value?.stop();
  send("camera", devices.value?.getVideoTracks()[0] ?? null);
}

function send(from: Source, track: MediaStreamTrack | null): void {
  batch(() => {
    source.value = from;
    shown.value = track;
  });
  publisher.replace("video", track);
}

export function setMuted(on: boolean): void {
  muted.value = on;
  for (const track of devices.value?.getAudioTracks() ?? []) track.enabled = !on;
  announce(on ? pictureWords.value.micOff : pictureWords.value.microphone);
}

/** Counts down, then goes on the air. */
export function count(): void {
  clearInterval(timer);
  countdown.value = COUNT;
  timer = setInterval(() => {
    const left = (countdown.value ?? 0) - 1;
    if (left > 0) countdown.value = left;
    else goLive();
  }, 1000);
}

export function stopCount(): void {
  clearInterval(timer);
  countdown.value = null;
}

export function goLive(): void {
  stopCount();
  publisher.start(devices.value?.getAudioTracks()[0] ?? null, shown.value);
}

/** Ends what is sent; devices stay open for the next time. */
export function endPicture(): void {
  publisher.stop();
}

/** Closes the devices. */
export function close(): void {
  stopCount();
  publisher.stop();
  deaf?.();
  deaf = undefined;
  if (source.value === "screen") shown.value?.stop();
  stopTracks(devices.value);
  batch(() => {
    devices.value = null;
    shown.value = null;
    source.value = "camera";
    trouble.value = null;
    note.value = "";
  });
}

function stopTracks(stream: MediaStream | null): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

/** Ctrl or ⌘ with Shift and A turns the microphone off and on, wherever the focus is. */
export function hearKeys(): () => void {
  const hear = (event: KeyboardEvent) => {
    if (!(event.ctrlKey || event.metaKey) || !event.shiftKey || event.code !== "KeyA" || !devices.value) return;
    event.preventDefault();
    setMuted(!muted.value);
  };
  addEventListener("keydown", hear);
  return () => removeEventListener("keydown", hear);
}

// Whoever is on the air is asked before the page is closed.
addEventListener("beforeunload", (event) => {
  if (course.value.at === "on") event.preventDefault();
});
