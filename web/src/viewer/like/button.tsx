import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Refusal } from "../../shared/connection";
import { count, exact, words } from "../../shared/i18n";
import { reducedMotion, settings } from "../../shared/settings";
import { Icon } from "../../shared/ui/icons";
import { warn } from "../../shared/warn";
import { call, likes, onEffects, ready } from "../store";
import { Tally } from "./tally";

const PAUSE_MS = 400;
const MOST_HEARTS = 12;

const tally = new Tally();
/** Taps the room has not counted yet. */
const mine = signal(0);
let timer = 0;

/** A heart with the room's count; everybody may tap it, guests too. */
export function LikeButton() {
  const t = words.value;
  const place = useRef<HTMLSpanElement>(null);
  const sum = likes.value + mine.value;
  useEffect(
    () =>
      onEffects((effects) => {
        for (const effect of effects)
          if (effect.kind === "liked" && settings.value.celebrations)
            for (let heart = 0; heart < Math.min(3, effect.delta - mine.peek()); heart++) float(place.current, heart);
      }),
    [],
  );
  return (
    <span class="like-place" ref={place}>
      <button
        type="button"
        class="plate like"
        data-testid="like"
        data-count={likes.value}
        aria-label={t.like(exact(sum))}
        title={t.like(exact(sum))}
        aria-disabled={!ready.value}
        onClick={() => {
          if (!ready.value || !tally.tap()) return;
          mine.value += 1;
          float(place.current, 0);
          if (timer === 0) timer = window.setTimeout(() => void send(), PAUSE_MS);
        }}
      >
        <Icon name="heart" />
        {sum > 0 && <span class="like-count">{count(sum)}</span>}
      </button>
    </span>
  );
}

/** Sends what was tapped since the last time; what the room does not take yet is sent when it will. */
async function send(): Promise<void> {
  const handful = tally.take();
  let wait = PAUSE_MS;
  try {
    await call("like.send", { count: handful });
    mine.value -= handful;
  } catch (error) {
    if (error instanceof Refusal && error.retryIn !== null) {
      tally.giveBack(handful);
      wait = error.retryIn;
    } else {
      mine.value -= handful;
      if (!(error instanceof Refusal)) warn("likes could not be sent", error);
    }
  }
  timer = tally.waiting > 0 ? window.setTimeout(() => void send(), wait) : 0;
}

function float(place: HTMLElement | null, index: number): void {
  if (!place || reducedMotion() || document.hidden || place.childElementCount > MOST_HEARTS) return;
  const heart = document.createElement("i");
  heart.className = "heart";
  heart.setAttribute("aria-hidden", "true");
  place.append(heart);
  const aside = (Math.random() - 0.5) * 36;
  heart.animate(
    [
      { transform: "translate(0, 0) rotate(45deg) scale(0.6)", opacity: 0.95 },
      { transform: `translate(${aside}px, -110px) rotate(${45 + aside}deg) scale(1)`, opacity: 0 },
    ],
    { duration: 1400, delay: index * 120, easing: "ease-out", fill: "backwards" },
  ).onfinish = () => heart.remove();
}
