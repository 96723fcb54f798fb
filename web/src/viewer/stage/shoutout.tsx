import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { second } from "../../shared/clock";
import { words } from "../../shared/i18n";
import { reducedMotion } from "../../shared/settings";
import { Icon } from "../../shared/ui/icons";
import { me, onEffects, pinned } from "../store";

const hidden = signal<ReadonlySet<string>>(new Set());
/** How much of the picture's upper edge the band covers, in px. */
export const covered = signal(0);

/** The band under the title: the newest pinned shout-out, until its time is over or the viewer hides it. */
export function ShoutoutBand() {
  const band = useRef<HTMLDivElement>(null);
  const shown = pinned.value.filter((one) => one.pinned_until > second.value && !hidden.value.has(one.id));
  const newest = shown[0];
  useEffect(() => {
    covered.value = overlap(document.querySelector<HTMLElement>(".stage"), band.current);
  }, [newest?.id]);
  useEffect(() => onEffects((effects) => effects.some((one) => one.kind === "shoutout" && one.mine) && thump()), []);
  if (!newest) return null;
  const t = words.value;
  const mine = newest.to.id === me.value?.user.id;
  return (
    <div ref={band} key={newest.id} class={`shoutout${mine ? " shoutout-mine" : ""}`} data-testid="shoutout">
      <Icon name="horn" size={22} />
      <p>
        <span class="shoutout-head">
          <bdi>{t.shoutFrom(newest.by.name)}</bdi> <bdi class="shoutout-to">{newest.to.name}</bdi>
          {mine && <span class="shoutout-you">{t.forYou}</span>}
          {shown.length > 1 && <span class="shoutout-count">1/{shown.length}</span>}
        </span>
        <bdi class="shoutout-text">{newest.text}</bdi>
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

/** How far a band reaches into the picture from above; layout positions, because the band may still be sliding in. */
function overlap(stage: HTMLElement | null, band: HTMLElement | null): number {
  if (!stage || !band || band.offsetTop >= stage.offsetTop + stage.offsetHeight) return 0;
  return Math.max(0, band.offsetTop + band.offsetHeight - stage.offsetTop);
}

/** One short touch for the person addressed, where the device can and may. */
function thump(): void {
  if (!reducedMotion()) navigator.vibrate?.(30);
}
