import { useEffect, useRef } from "preact/hooks";
import { Icon } from "../../shared/ui/icons";
import { Actions } from "../message/actions";
import { messageWords } from "../message/words";
import { held, holdNext, kept, letGo } from "./held";

/** The menu of the held danmaku, just below it; by keys one goes from one danmaku to the next. */
export function HeldMenu() {
  const now = held.value;
  const menu = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (now && kept.value) menu.current?.querySelector<HTMLElement>("button")?.focus();
  }, [now?.flight.id]);
  if (!now) return null;
  const t = messageWords.value;
  const { flight, left, top, height } = now;
  const keep = () => {
    kept.value = true;
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for a form's fields, these are actions
    <div
      ref={menu}
      key={flight.id}
      class="held"
      data-testid="held"
      role="group"
      aria-label={`${t.actions(flight.user.name)}: ${flight.text}`}
      style={{ left: `max(8px, min(${Math.round(left)}px, 100% - 348px))`, top: `${Math.round(top + height + 10)}px` }}
      onKeyDown={(event) => {
        if (event.key === "Escape") close(event.currentTarget);
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key] as 1 | -1 | undefined;
        if (step && !(event.target instanceof HTMLInputElement)) holdNext(step);
      }}
    >
      <Actions user={flight.user} text={flight.text} mine={flight.mine} busy={keep} done={() => close(menu.current)} />
      {kept.value && (
        <span class="held-walk">
          <button type="button" class="action" aria-label={t.previous} onClick={() => holdNext(-1)}>
            <Icon name="left" size={16} />
          </button>
          <button type="button" class="action" aria-label={t.next} onClick={() => holdNext(1)}>
            <Icon name="right" size={16} />
          </button>
          <button
            type="button"
            class="action"
            aria-label={t.done}
            data-testid="let-go"
            onClick={() => close(menu.current)}
          >
            <Icon name="close" size={16} />
          </button>
        </span>
      )}
    </div>
  );
}

/** Lets the danmaku fly on; a focus inside the menu goes back to the button that opens it. */
function close(menu: HTMLElement | null): void {
  const inside = menu?.contains(document.activeElement) ?? false;
  letGo();
  if (inside) document.getElementById("danmaku-pick")?.focus();
}
