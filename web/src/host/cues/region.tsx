import { useEffect, useRef } from "preact/hooks";
import { second } from "../../shared/clock";
import { span } from "../../shared/i18n";
import { Icon } from "../../shared/ui/icons";
import { Level } from "../../shared/ui/person";
import type { Card } from "../model";
import { cues, ready } from "../store";
import { words } from "../words";
import { answer, busy, card, focused, held, keysOn, note, pointed, setKeys, showSample } from "./desk";
import { keyOf } from "./keys";
import { left, waiting } from "./queue";
import { scriptOf } from "./script";
import { write } from "./shout";

/** The one card that matters now. It holds still while it has the pointer or the focus. */
export function CueRegion() {
  const t = words.value;
  const shown = card.value;
  const stage = useRef<HTMLDivElement>(null);
  useKeptFocus(stage, shown?.id);
  return (
    <div class="cue">
      <header class="cue-head">
        <h2>{t.sayNow}</h2>
        {shown && (
          <span class="count" data-testid="cue-count" data-count={cues.value.length}>
            {t.ofCues(1, Math.max(1, cues.value.length))}
          </span>
        )}
        <KeySwitch />
      </header>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields */}
      <div
        ref={stage}
        id="cue"
        class={`cue-card${shown ? "" : " cue-none"}`}
        data-testid="cue"
        data-id={shown?.id}
        data-kind={shown?.kind}
        data-held={held.value}
        role="group"
        aria-label={t.sayNow}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: keys answer the card while it has the focus
        tabIndex={0}
        onPointerEnter={(event) => {
          pointed.value = event.pointerType === "mouse"; // a finger does not stay
        }}
        onPointerLeave={() => {
          pointed.value = false;
        }}
        onFocusIn={() => {
          focused.value = true;
        }}
        onFocusOut={(event) => {
          focused.value = stage.current?.contains(event.relatedTarget as Node | null) ?? false;
        }}
        onKeyDown={(event) => {
          const act = shown && keysOn.value ? keyOf(event) : null;
          if (!shown || !act) return;
          event.preventDefault();
          do_(act, shown);
        }}
      >
        {shown ? <CardFace shown={shown} /> : <NoCard />}
      </div>
      <p class="cue-note" data-testid="cue-note">
        {note.value}
      </p>
      <Waiting shown={shown} />
    </div>
  );
}

/** Where the focus was in the card, it stays there when the card changes or goes. */
function useKeptFocus(stage: { current: HTMLDivElement | null }, id: string | undefined): void {
  const had = stage.current?.contains(document.activeElement) ?? false; // asked before what has it is taken away
  useEffect(() => {
    if (had && !stage.current?.contains(document.activeElement)) stage.current?.focus();
  }, [id]);
}

function do_(act: "said" | "later" | "skipped" | "shout", shown: Card): void {
  if (act === "shout") write(shown.user, shown);
  else void answer(shown, act);
}

function CardFace({ shown }: { shown: Card }) {
  const t = words.value;
  const stuck = !ready.value || busy.value;
  const act = (what: "said" | "later" | "skipped" | "shout") => () => {
    if (!stuck) do_(what, shown);
  };
  return (
    <>
      <div class="cue-top">
        <span class="cue-kind">{t.kind[shown.kind]}</span>
        <TimeLeft shown={shown} />
      </div>
      <p class="cue-name">
        <bdi data-testid="cue-name">{shown.user.name}</bdi>
        <Level tier={shown.user.tier} />
        {shown.count > 1 && <span class="cue-more">{t.andMore(shown.count - 1)}</span>}
      </p>
      <p class="cue-script" dir="auto" data-testid="cue-script">
        {scriptOf(shown)}
      </p>
      <div class="cue-acts">
        <button type="button" class="primary" data-testid="cue-said" aria-disabled={stuck} onClick={act("said")}>
          <Icon name="check" /> {t.said} {keysOn.value && <kbd>Enter</kbd>}
        </button>
        <button type="button" class="act" data-testid="cue-shout" aria-disabled={stuck} onClick={act("shout")}>
          <Icon name="horn" /> {t.shoutOut} {keysOn.value && <kbd>S</kbd>}
        </button>
        <button
          type="button"
          class="act"
          data-testid="cue-later"
          aria-disabled={stuck}
          title={t.laterHint}
          onClick={act("later")}
        >
          <Icon name="clock" /> {t.later} {keysOn.value && <kbd>L</kbd>}
        </button>
        <button type="button" class="act" data-testid="cue-skip" aria-disabled={stuck} onClick={act("skipped")}>
          <Icon name="skip" /> {t.skip} {keysOn.value && <kbd>X</kbd>}
        </button>
      </div>
    </>
  );
}

const ROUND = 2 * Math.PI * 9;

function TimeLeft({ shown }: { shown: Card }) {
  const t = words.value;
  const time = left(shown, second.value);
  if (!time) return null;
  if (time.over) return <span class="cue-time cue-over">{t.timeOver}</span>;
  return (
    <span class={`cue-time${time.soon ? " cue-soon" : ""}`} data-testid="cue-left" data-ms={time.ms}>
      <svg class="ring" width="24" height="24" viewBox="0 0 24 24" aria-hidden="true">
        <circle cx="12" cy="12" r="9" />
        <circle cx="12" cy="12" r="9" stroke-dasharray={`${time.share * ROUND} ${ROUND}`} />
      </svg>
      {t.timeLeft(span(time.ms))}
      {time.soon && <b>{t.soon}</b>}
    </span>
  );
}

function NoCard() {
  const t = words.value;
  return (
    <>
      <p class="cue-quiet">{t.noCues}</p>
      <p class="muted">{t.noCuesHint}</p>
      <button type="button" class="quiet" data-testid="cue-sample" onClick={showSample}>
        {t.tryCue}
      </button>
    </>
  );
}

function Waiting({ shown }: { shown: Card | null }) {
  const t = words.value;
  const [next, ...more] = waiting(cues.value, shown);
  if (!next) return null;
  return (
    <p class="cue-next" data-testid="cue-next">
      <bdi>{t.next(next.user.name, t.kind[next.kind])}</bdi>
      {more.length > 0 && <span>{t.moreWaiting(more.length)}</span>}
    </p>
  );
}

function KeySwitch() {
  const t = words.value;
  return (
    <label class="keys" title={t.keysHint}>
      {t.keys}
      <input
        type="checkbox"
        class="switch"
        data-testid="cue-keys"
        checked={keysOn.value}
        aria-describedby="keys-hint"
        onChange={(event) => setKeys(event.currentTarget.checked)}
      />
      <span id="keys-hint" class="unseen">
        {t.keysHint}
      </span>
    </label>
  );
}
