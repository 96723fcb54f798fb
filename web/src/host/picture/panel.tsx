import { signal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { second } from "../../shared/clock";
import { lazy } from "../../shared/ui/lazy";
import { stage } from "../store";
import { Devices } from "./devices";
import * as live from "./live";
import { Seats } from "./seats";
import { pictureWords } from "./words";

const Check = lazy(() => import("./check").then((part) => part.Check));

const sure = signal(false);

/** The host's own picture: sources, a look at them, and the way to the air and off it. */
export function PicturePanel() {
  const t = pictureWords.value;
  useEffect(live.hearKeys, []);
  const now = live.course.value;
  const open = live.devices.value !== null;
  return (
    <section class="block golive" aria-labelledby="golive" data-testid="golive" data-state={standing()}>
      <h2 id="golive">{t.title}</h2>
      {!open && <p class="muted">{t.intro}</p>}
      {open && <Preview />}
      {now.at !== "idle" && <OnAir />}
      {live.trouble.value && (
        <p class="golive-wrong" role="alert" data-testid="device-trouble">
          {t.trouble[live.trouble.value]}
        </p>
      )}
      {live.note.value && (
        <p class="muted" role="status">
          {live.note.value}
        </p>
      )}
      {!open ? (
        <button type="button" class="act" data-testid="set-up" onClick={() => void live.open()}>
          {live.trouble.value ? t.again : t.setUp}
        </button>
      ) : (
        <>
          <Devices />
          {stage.value && (now.at === "idle" || now.at === "over") && <Check />}
          <Way />
        </>
      )}
      {stage.value && <Seats />}
    </section>
  );
}

/** The one word for how far he is. */
function standing(): "off" | "setup" | "counting" | "connecting" | "live" | "reconnecting" | "over" {
  const now = live.course.value;
  if (now.at === "on") return "live";
  if (now.at === "over") return "over";
  if (now.at !== "idle") return now.before ? "reconnecting" : "connecting";
  if (live.countdown.value !== null) return "counting";
  return live.devices.value ? "setup" : "off";
}

function Preview() {
  const video = useRef<HTMLVideoElement>(null);
  const track = live.shown.value;
  useEffect(() => {
    if (video.current) video.current.srcObject = track && new MediaStream([track]);
  }, [track]);
  return (
    <video
      ref={video}
      class={`golive-preview${live.source.value === "camera" ? " golive-mirrored" : ""}`}
      data-testid="preview"
      autoplay
      playsInline
      muted
      aria-label={pictureWords.value.preview}
    />
  );
}

/** How it goes out; the hint only where there is something to do. */
function OnAir() {
  const t = pictureWords.value;
  const now = live.course.value;
  const line = live.uplink.value;
  if (now.at === "over")
    return (
      <p class="golive-wrong" role="alert" data-testid="uplink" data-level="over">
        {t.over[now.why]}
      </p>
    );
  if (now.at !== "on") {
    const since = live.lostAt.value;
    second.value; // the pace of the clock
    const text = since !== null ? t.reconnecting(Math.round((Date.now() - since) / 1000)) : t.connecting;
    return (
      <p role="status" data-testid="uplink" data-level="lost">
        {text}
      </p>
    );
  }
  if (!line)
    return (
      <p data-testid="uplink" data-level="good">
        {t.onAir}
      </p>
    );
  return (
    <div data-testid="uplink" data-level={line.level} data-reason={line.reason}>
      <p class={`health-one health-${line.level === "good" ? "good" : "bad"}`}>{t.uplink[line.level]}</p>{" "}
      <small class="muted">{t.figures(line.height, line.frames, (line.bitrate / 1_000_000).toFixed(1))}</small>
      {line.reason && <p class="muted">{t.hint[line.reason]}</p>}
    </div>
  );
}

/** To the air, and off it. */
function Way() {
  const t = pictureWords.value;
  const now = live.course.value;
  if (live.countdown.value !== null)
    return (
      <div class="golive-way">
        <b role="timer" data-testid="countdown">
          {t.liveIn(live.countdown.value)}
        </b>
        <button type="button" class="act" onClick={live.stopCount}>
          {t.cancel}
        </button>
        <button type="button" class="act golive-go" data-testid="live-now" onClick={live.goLive}>
          {t.now}
        </button>
      </div>
    );
  if (now.at === "idle" || now.at === "over")
    return (
      <div class="golive-way">
        <button type="button" class="act" data-testid="close-devices" onClick={live.close}>
          {t.close}
        </button>
        <button
          type="button"
          class="act golive-go"
          data-testid="go-live"
          onClick={now.at === "over" ? live.goLive : live.count}
        >
          {now.at === "over" ? t.again : t.goLive}
        </button>
      </div>
    );
  if (sure.value) return <Sure />;
  return (
    <div class="golive-way">
      <button
        type="button"
        class="act act-grave"
        data-testid="end"
        onClick={() => {
          sure.value = true;
        }}
      >
        {t.end}
      </button>
    </div>
  );
}

/** Asks once; the focus is on the way back. */
function Sure() {
  const t = pictureWords.value;
  const no = useRef<HTMLButtonElement>(null);
  useEffect(() => no.current?.focus(), []);
  const [answer] = useState(() => (yes: boolean) => {
    sure.value = false;
    if (yes) live.endPicture();
  });
  return (
    <fieldset class="sure" aria-label={t.endSure}>
      <p>{t.endSure}</p>
      <div class="menu-line">
        <button ref={no} type="button" class="act" onClick={() => answer(false)}>
          {t.cancel}
        </button>
        <button type="button" class="act act-grave" data-testid="end-sure" onClick={() => answer(true)}>
          {t.endYes}
        </button>
      </div>
    </fieldset>
  );
}
