import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { second } from "../../shared/clock";
import { words } from "../../shared/i18n";
import { reducedMotion } from "../../shared/settings";
import { Icon } from "../../shared/ui/icons";
import type { Shoutout } from "../../shared/wire";
import { called, me, pinned } from "../store";
import { covered } from "./covered";

const hidden = signal<ReadonlySet<string>>(new Set());
/** Being called by one's name is shown for a while in the place of a shout-out. */
const CALL_MS = 12_000;

/** The band under the title: the newest pinned shout-out, until its time is over or the viewer hides it. */
export function ShoutoutBand() {
  const band = useRef<HTMLDivElement>(null);
  const call = asBand(called.value);
  const all = call ? [call, ...pinned.value] : pinned.value;
  const shown = all.filter((one) => one.pinned_until > second.value && !hidden.value.has(one.id));
  const newest = shown[0];
  useEffect(() => {
    covered.value = overlap(document.querySelector<HTMLElement>(".stage"), band.current);
    return () => {
      covered.value = 0;
    };
  }, [newest?.id]);
  const mine = newest !== undefined && newest.to.id === me.value?.user.id;
  useEffect(() => {
    if (mine) thump();
  }, [newest?.id, mine]);
  if (!newest) return null;
  const t = words.value;
  const calls = newest === call;
  return (
    <div
      ref={band}
      key={newest.id}
      class={`shoutout${mine ? " shoutout-mine" : ""}`}
      data-testid={calls ? "called" : "shoutout"}
      data-mine={mine}
    >
      <Icon name="horn" size={22} />
      <p>
        <span class="shoutout-head">
          <bdi>{calls ? t.calls(newest.by.name) : t.shoutFrom(newest.by.name)}</bdi>{" "}
          <bdi class="shoutout-to">{newest.to.name}</bdi>
          {mine && <span class="shoutout-you">{t.forYou}</span>}
          {shown.length > 1 && <span class="shoutout-count">1/{shown.length}</span>}
        </span>
        <bdi class="shoutout-text">{calls ? t.callsYou(newest.by.name) : newest.text}</bdi>
      </p>
      <button
        type="button"
        class="bare"
        aria-label={t.hide}
        onClick={() => {
          hidden.value = new Set([...hidden.value, newest.id]);
        }}
      >
        <Icon name="close" size={18} />
      </button>
    </div>
  );
}

function asBand(now: typeof called.value): Shoutout | null {
  const to = me.value?.user;
  return now && to ? { id: now.id, by: now.by, to, text: "", pinned_until: now.at + CALL_MS } : null;
}

/** How far a band reaches into the picture from above; layout positions, because the band may still be sliding in. */
function overlap(stage: HTMLElement | null, band: HTMLElement | null): number {
  if (!stage || !band || band.offsetTop >= stage.offsetTop + stage.offsetHeight) return 0;
  return Math.max(0, band.offsetTop + band.offsetHeight - stage.offsetTop);
}

/** One short touch for the person addressed, where the device can and may. */
function thump(): void {
  if (!reducedMotion()) navigator.vibrate?.(30);
}
