/** The room's pictures as this page plays them: one session with the host's and the guests' slots, for as long as it is live. */

import { effect, signal } from "@preact/signals";
import type { Course } from "../../shared/media/course";
import { Player } from "../../shared/media/whep";
import { warn } from "../../shared/warn";
import { bearer, room, slots, stage, visit } from "../store";

export const MAIN = "main";
/** In the order of the offer: a change on stage only puts others into them. */
const SLOTS = [MAIN, "guest1", "guest2", "guest3"];
/** A page that nobody sees or hears for so long plays nothing. */
const UNSEEN_MS = 60_000;

export const course = signal<Course>({ at: "idle" });
export const streams = signal<ReadonlyMap<string, MediaStream>>(new Map());
/** Whether there is something to be seen, or to be heard alone. */
export const pictured = signal(true);
/** The viewer's own choice; null until he makes one. */
const chosen = signal<boolean | null>(null);
/** The browser does not let sound begin by itself. */
export const silenced = signal(false);
/** He is asked before a picture costs him data. */
export const saving = signal(savesData());

const player = new Player({
  get url() {
    const slots = wanted();
    return `/whep/${encodeURIComponent(visit.room)}${slots.length > 1 ? `?slots=${slots.join(",")}` : ""}`;
  },
  bearer,
  get slots() {
    return wanted();
  },
  onStreams(made) {
    streams.value = made;
  },
  onPictured(now) {
    pictured.value = now;
  },
  onCourse(now) {
    course.value = now;
  },
});

/** All that there can be: where there is no stage, pictures are carried elsewhere, one of a room. */
function wanted(): readonly string[] {
  return stage.peek() ? SLOTS : [MAIN];
}

export function sounds(): boolean {
  return chosen.value ?? !silenced.value;
}

export function setSound(on: boolean): void {
  chosen.value = on;
  silenced.value = false;
}

export function playAnyway(): void {
  saving.value = false;
}

export function again(): void {
  player.again();
}

/** Plays for as long as the part is shown; returns how to stop. */
export function playWhileLive(): () => void {
  let unseen: ReturnType<typeof setTimeout> | undefined;
  const away = signal(false);
  const look = () => {
    clearTimeout(unseen);
    if (!document.hidden) away.value = false;
    else
      unseen = setTimeout(() => {
        away.value = !sounds();
      }, UNSEEN_MS);
  };
  document.addEventListener("visibilitychange", look);
  let seen = "";
  const stop = effect(() => {
    const coming = slots.value ?? [];
    const wanted = room.value?.live === true && !saving.value && !away.value;
    if (!wanted) {
      seen = "";
      return player.stop();
    }
    player.expected = coming.includes(MAIN);
    const now = coming.join();
    if (now !== seen && coming.length > 0) {
      player.nudge();
      player.start();
    }
    seen = now;
  });
  return () => {
    document.removeEventListener("visibilitychange", look);
    clearTimeout(unseen);
    stop();
    player.stop();
  };
}

/** Begins to play a stream: with sound where that is allowed, else without. */
export async function begin(video: HTMLVideoElement, stream: MediaStream): Promise<void> {
  if (video.srcObject !== stream) video.srcObject = stream;
  try {
    await video.play();
  } catch (error) {
    if ((error as DOMException).name !== "NotAllowedError" || video.muted) {
      if ((error as DOMException).name !== "AbortError") warn("the picture does not play", error);
      return;
    }
    silenced.value = true;
    video.muted = true;
    await video.play().catch((again) => warn("the picture does not play", again));
  }
}

function savesData(): boolean {
  const line = (navigator as { connection?: { saveData?: boolean } }).connection;
  return line?.saveData === true || matchMedia("(prefers-reduced-data: reduce)").matches;
}
