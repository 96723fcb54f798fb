import { useEffect, useRef } from "preact/hooks";
import { announce } from "../../shared/announce";
import { useLate } from "../../shared/ui/late";
import { lazy } from "../../shared/ui/lazy";
import { isGuest, me, room, slots, stage } from "../store";
import {
  again,
  begin,
  course,
  MAIN,
  pictured,
  playAnyway,
  playWhileLive,
  saving,
  setSound,
  silenced,
  sounds,
  streams,
} from "./playing";
import { lit, seat } from "./seat";
import { Tiles } from "./tiles";
import { pictureWords } from "./words";

const Hand = lazy(() => import("./hand").then((part) => part.Hand));
const Invitation = lazy(() => import("./invitation").then((part) => part.Invitation));

/** A loss that heals sooner is not worth a word. */
const QUIET_MS = 700;

type Shown = "idle" | "connecting" | "playing" | "sound" | "away" | "lost" | "over" | "saving";

/** The one word for how the picture stands. */
function standing(): Shown {
  if (!room.value?.live) return "idle";
  if (saving.value && (slots.value ?? []).length > 0) return "saving";
  const now = course.value;
  if (now.at === "idle") return "idle";
  if (now.at === "over") return "over";
  const coming = slots.value?.includes(MAIN) ?? false;
  if (now.at === "on") return !coming ? "away" : pictured.value ? "playing" : "sound";
  if (!now.before) return coming ? "connecting" : "idle";
  return coming ? "lost" : "away";
}

/** The host's picture under the danmaku, his guests' beside it, and what is to be said when they do not come. */
export function Picture() {
  const video = useRef<HTMLVideoElement>(null);
  const shown = standing();
  const stream = streams.value.get(MAIN);
  useEffect(playWhileLive, []);
  useEffect(() => {
    if (video.current && stream) void begin(video.current, stream);
  }, [stream]);
  const t = pictureWords.value;
  const self = lit() !== null && lit() === me.value?.user.id;
  return (
    <div class="picture" data-testid="picture" data-state={shown} data-sound={sounds()}>
      <video
        ref={video}
        class="picture-main"
        data-testid="video"
        playsInline
        muted={self || !sounds()}
        aria-label={t.picture}
      />
      {shown !== "idle" && <Tiles />}
      {seat() && <Invitation />}
      <Note shown={shown} />
      {["playing", "sound", "lost", "away"].includes(shown) && (
        <div class="picture-switches">
          <Sound />
          {me.value && !isGuest.value && stage.value && !seat() && <Hand />}
        </div>
      )}
    </div>
  );
}

function Sound() {
  const t = pictureWords.value;
  const on = sounds();
  return (
    <button
      type="button"
      class="plate sound"
      data-testid="sound"
      aria-pressed={on}
      aria-label={on ? t.soundOn : silenced.value ? t.tapForSound : t.soundOff}
      title={on ? t.soundOn : t.soundOff}
      onClick={() => setSound(!on)}
    >
      <svg class="icon" width="20" height="20" viewBox="0 0 24 24" aria-hidden="true">
        <path
          d={`M4 9.500v5h3.500L12 19V5L7.500 9.500z${on ? "M15.500 9c1.500 1.800 1.500 4.200 0 6M18 6.500c3 3.200 3 7.800 0 11" : "M16 9.500l5 5M21 9.500l-5 5"}`}
        />
      </svg>
      {silenced.value && !on && <span>{t.tapForSound}</span>}
    </button>
  );
}

function Note({ shown }: { shown: Shown }) {
  const t = pictureWords.value;
  const late = useLate(shown, QUIET_MS);
  const now = course.value;
  let text = "";
  let act: [string, () => void] | null = null;
  if (shown === "saving") [text, act] = [t.saving, [t.play, playAnyway]];
  else if (shown === "sound") text = t.soundAlone;
  else if (shown === "lost" && late) text = t.comingBack;
  else if (shown === "away" && late) text = t.backSoon;
  else if (now.at === "over" && shown === "over") {
    text = now.why === "lost" || now.why === "taken" ? t.lost : t[now.why];
    if (now.why !== "unsupported") act = [t.again, again];
  }
  useEffect(() => {
    if (text) announce(text);
  }, [text]);
  if (!text) return null;
  return (
    <div class="picture-note" data-testid="picture-note">
      <p>{text}</p>
      {act && (
        <button type="button" class="quiet" data-testid="picture-again" onClick={act[1]}>
          {act[0]}
        </button>
      )}
    </div>
  );
}
