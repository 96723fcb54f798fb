import { useEffect, useRef } from "preact/hooks";
import { second } from "../../shared/clock";
import { exact, moment, span, words } from "../../shared/i18n";
import { reducedMotion } from "../../shared/settings";
import { Icon } from "../../shared/ui/icons";
import { checkin, isGuest, link, me, room } from "../store";
import { doneToday, markToday, phase, refusalText } from "./mark";
import { progress } from "./month";
import { eligibleIn } from "./presence";

const CLOSING_MS = 3_600_000;
const PARTICLES = 12;

/** The check-in button at its fixed place, and beside it the streak and the way to the next reward. */
export function CheckInBar() {
  return (
    <section class="bar" aria-label={words.value.checkIn}>
      <CheckInButton />
      {!isGuest.value && (
        <div class="bar-info">
          <Streak />
          <NextReward />
        </div>
      )}
    </section>
  );
}

interface Face {
  label: string;
  short: string;
  off: boolean;
  busy: boolean;
}

/** What the button says and whether it acts. A tick appears only where the server told the day is in. */
function face(): Face {
  const t = words.value;
  const today = checkin.value;
  const now = phase.value;
  if (doneToday() && today)
    return { label: t.checkedIn(today.current), short: t.dayN(today.current), off: true, busy: false };
  if (now.kind === "sending" || now.kind === "slow")
    return { label: t.checkingIn, short: t.checkingIn, off: true, busy: true };
  const wait = eligibleIn();
  if (today && wait > 0) return { label: t.checkInWait(span(wait)), short: span(wait), off: true, busy: false };
  if (!today || isGuest.value) return { label: t.checkIn, short: t.checkIn, off: true, busy: false };
  return { label: t.checkInDay(today.current + 1), short: t.checkIn, off: link.value.state === "closed", busy: false };
}

function CheckInButton() {
  const { label, short, off, busy } = face();
  const done = doneToday();
  const place = useRef<HTMLDivElement>(null);
  const now = phase.value;
  useEffect(() => {
    if (now.kind === "done" && !now.old && place.current) celebrate(place.current);
  }, [now]);
  return (
    <div class="bar-button" ref={place}>
      <button
        type="button"
        id="checkin"
        class={`checkin${done ? " checkin-done" : ""}${now.kind === "pressed" ? " checkin-pressed" : ""}`}
        data-testid="checkin"
        data-state={done ? "done" : now.kind}
        aria-disabled={off}
        aria-busy={busy}
        aria-label={label}
        aria-describedby="checkin-hint"
        onClick={() => {
          if (!off) void markToday();
        }}
      >
        {done && <Icon name="check" />}
        <span class="checkin-long">{label}</span>
        <span class="checkin-short">{short}</span>
      </button>
      <Hint />
    </div>
  );
}

/** One line under the button: what it waits for, why it was refused, or until when it is open. */
function Hint() {
  return (
    <p id="checkin-hint" class="checkin-hint" data-testid="checkin-hint">
      {hintText()}
    </p>
  );
}

function hintText(): string {
  const t = words.value;
  const now = phase.value;
  const today = checkin.value;
  if (link.value.state === "closed") return "";
  if (isGuest.value) return t.refused(1001, "");
  if (now.kind === "slow") return room.value?.storage === "away" ? t.waitingStore : t.waiting;
  if (now.kind === "refused") return refusalText(now.code, now.text);
  if (now.kind === "done" && now.old) return t.already(moment(now.receipt.at, second.value));
  if (doneToday()) return "";
  if (!room.value?.live && (room.value?.cadence ?? "daily") !== "daily") return t.noStreamNow;
  if (!today?.expires_at) return "";
  const left = today.expires_at - second.value;
  if (left <= 0) return "";
  return left < CLOSING_MS ? t.closesIn(span(left)) : t.closesAt(moment(today.expires_at, second.value));
}

function Streak() {
  const t = words.value;
  const days = checkin.value?.current ?? 0;
  const card = me.value?.streak;
  return (
    <div class="streak" data-testid="streak" data-days={days}>
      <b key={days} class="streak-days">
        {exact(days)}
      </b>
      <span class="streak-words">
        <span>{t.inARow(days)}</span>
        {card && (
          <span class="muted streak-more">
            {t.best} {exact(card.best)} · {t.total} {exact(card.total)}
          </span>
        )}
      </span>
    </div>
  );
}

/** "2 more days to the coupon", with one mark per day where they are few. */
export function NextReward() {
  const t = words.value;
  const today = checkin.value;
  if (!today || isGuest.value) return null;
  if (!today.next)
    return (
      <p class="next" data-testid="next">
        {t.allReached}
      </p>
    );
  const { done, of } = progress(
    today.ladder.filter((step) => step.by !== "total"),
    today.current,
    today.next,
  );
  return (
    <div class="next" data-testid="next" data-in={today.next.in}>
      <p class="next-words">
        <b>{t.moreTo(today.next.in)}</b> <bdi class="next-title">{today.next.title}</bdi>
      </p>
      <div
        class="steps"
        role="progressbar"
        aria-valuemin={0}
        aria-valuemax={of}
        aria-valuenow={done}
        aria-label={t.ladder}
      >
        {of <= 10 ? (
          Array.from({ length: of }, (_, index) => <i key={index} class={index < done ? "step step-done" : "step"} />)
        ) : (
          <i class="step step-part">
            <i class="step-fill" style={{ width: `${(100 * done) / of}%` }} />
          </i>
        )}
      </div>
    </div>
  );
}

/** The small celebration of a day: a few particles that stay inside the bar. */
function celebrate(place: HTMLElement): void {
  if (reducedMotion()) return;
  for (let index = 0; index < PARTICLES; index++) {
    const spark = document.createElement("i");
    spark.className = `spark spark-${index % 3}`;
    spark.setAttribute("aria-hidden", "true");
    place.append(spark);
    const angle = (index / PARTICLES) * 2 * Math.PI;
    const [x, y] = [Math.cos(angle) * (52 + (index % 3) * 14), Math.sin(angle) * 26];
    spark.animate(
      [
        { transform: "translate(0, 0) scale(1)", opacity: 1 },
        { transform: `translate(${x}px, ${y}px) scale(0.3)`, opacity: 0 },
      ],
      { duration: 600, easing: "cubic-bezier(.2,.7,.3,1)" },
    ).onfinish = () => spark.remove();
  }
}
