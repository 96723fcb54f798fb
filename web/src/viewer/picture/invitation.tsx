import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { announce } from "../../shared/announce";
import { second } from "../../shared/clock";
import { span } from "../../shared/i18n";
import { invited, slots } from "../store";
import { accept, course, devices, leave, open, sendAgain, trouble } from "./guest";
import { seat } from "./seat";
import { stageWords } from "./stage-words";

const failed = signal(false);

/** The host's invitation, a look at oneself, and the way down: for whom it concerns, over the picture. */
export function Invitation() {
  const t = stageWords.value;
  const mine = seat();
  const state = mine?.state ?? "none";
  useEffect(() => {
    failed.value = false;
    if (state === "invited") announce(t.asked(invited.value?.by.name ?? ""), { urgent: true });
  }, [state]);
  useEffect(() => {
    if (mine?.muted) announce(t.muted, { urgent: true });
  }, [mine?.muted]);
  if (!mine) return null;
  const cut = mine.state === "on" && course.value.at === "over";
  const elsewhere = mine.state === "on" && !devices.value; // or he has loaded the page anew
  const coming = slots.value?.includes(mine.slot) ?? false;
  return (
    <section class="invitation" data-testid="invitation" data-state={mine.state} aria-label={t.title}>
      {mine.state === "invited" ? (
        <p>{t.asked(invited.value?.by.name ?? "")}</p>
      ) : elsewhere ? (
        <p role="status">{t.elsewhere(coming)}</p>
      ) : cut ? (
        <p role="alert">{t.cut}</p>
      ) : (
        <p>{t.on(course.value.at === "on")}</p>
      )}
      {mine.state === "invited" && devices.value && <Self stream={devices.value} />}
      {mine.muted && <p role="status">{t.muted}</p>}
      {trouble.value && <p role="alert">{t.trouble[trouble.value]}</p>}
      {failed.value && <p role="alert">{t.failed}</p>}
      <p class="invitation-way">
        <button type="button" class="quiet" data-testid="stage-leave" onClick={() => void leave()}>
          {mine.state === "invited" ? t.decline : t.leave}
        </button>
        {(elsewhere ? !coming : cut) && (
          <button type="button" class="primary" data-testid="stage-again" onClick={() => void sendAgain()}>
            {elsewhere ? t.anew : t.again}
          </button>
        )}
        {mine.state === "invited" && (
          <button type="button" class="primary" data-testid="stage-accept" onClick={() => void forward()}>
            {devices.value ? t.accept : t.look}
          </button>
        )}
      </p>
      {mine.state === "invited" && mine.until ? <small>{t.left(span(mine.until - second.value))}</small> : null}
    </section>
  );
}

function Self({ stream }: { stream: MediaStream }) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (video.current) video.current.srcObject = stream;
  }, [stream]);
  return <video ref={video} class="invitation-self" data-testid="self" autoplay playsInline muted />;
}

/** First a look at himself, then the stage. */
async function forward(): Promise<void> {
  failed.value = false;
  if (!devices.value) return open();
  try {
    await accept();
  } catch {
    failed.value = true;
  }
}
