/** The viewer on stage: asked, seen and heard by his own picture, and down again. */

import { batch, effect, signal } from "@preact/signals";
import type { Course } from "../../shared/media/course";
import { NoDevice, openDevices, type Trouble } from "../../shared/media/devices";
import { Publisher } from "../../shared/media/whip";
import { warn } from "../../shared/warn";
import { bearer, call, visit } from "../store";
import { seat } from "./seat";

export const devices = signal<MediaStream | null>(null);
export const trouble = signal<Trouble | null>(null);
export const course = signal<Course>({ at: "idle" });

const publisher = new Publisher({
  url: `/whip/${encodeURIComponent(visit.room)}`,
  bearer,
  onCourse(now) {
    course.value = now;
  },
  onUplink: () => undefined,
});

/** Opens camera and microphone, so that he sees himself before anybody else does. */
export async function open(): Promise<void> {
  trouble.value = null;
  try {
    const { stream } = await openDevices({ camera: null, microphone: null });
    stopTracks(devices.peek()); // of a second press
    devices.value = stream;
    if (seat() === null) closeDown(); // he has answered the browser later than the host
  } catch (error) {
    trouble.value = error instanceof NoDevice ? error.trouble : "other";
  }
}

/** Comes on stage with what is open. Raises Refusal. */
export async function accept(): Promise<void> {
  await call("stage.accept", { key: crypto.randomUUID() });
  send();
}

/** Sends what is open, and opens it first where the page was loaded anew. */
export async function sendAgain(): Promise<void> {
  if (!devices.value) await open();
  if (devices.value) send();
}

function send(): void {
  const stream = devices.value;
  publisher.start(stream?.getAudioTracks()[0] ?? null, stream?.getVideoTracks()[0] ?? null);
}

/** Declines, or goes down again. */
export async function leave(): Promise<void> {
  closeDown();
  try {
    await call("stage.leave", { key: crypto.randomUUID() });
  } catch (error) {
    warn("the stage was not left", error);
  }
}

/** Whatever it was, he is on stage no more. */
export function closeDown(): void {
  publisher.stop();
  stopTracks(devices.peek());
  batch(() => {
    devices.value = null;
    trouble.value = null;
  });
}

function stopTracks(stream: MediaStream | null): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

// Who has lost his seat is not filmed any longer.
effect(() => {
  if (seat() === null) closeDown();
});
