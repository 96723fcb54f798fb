import { useEffect, useRef } from "preact/hooks";
import { Icon } from "../../shared/ui/icons";
import { EmotePicker } from "./emotes";
import { closePen, pen } from "./open";
import { StylePicker } from "./styles";
import { penWords } from "./words";

/** The panel above the box: how my messages look, or the emotes. Escape and a tap elsewhere close it. */
export function Pen() {
  const t = penWords.value;
  const what = pen.value;
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    panel.current?.querySelector<HTMLElement>("[role=radio][tabindex='0'], .emote")?.focus();
    const outside = ({ target }: PointerEvent) => {
      if (target instanceof Element && !target.closest(".pen, .tool")) pen.value = null;
    };
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, [what]);
  if (!what) return null;
  const title = what === "style" ? t.title : t.emotes;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a dialog element of its own would cover what is written
    <section
      ref={panel}
      class="pen"
      role="group"
      aria-label={title}
      data-testid={what === "style" ? "styles" : "emotes"}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        closePen();
      }}
    >
      <header class="pen-head">
        <h2 class="unseen">{title}</h2>
        <span class="pen-tabs">
          {(["style", "emotes"] as const).map((one) => (
            <button
              key={one}
              type="button"
              class="action tool"
              data-testid={`pen-to-${one}`}
              aria-pressed={one === what}
              onClick={() => {
                pen.value = one;
              }}
            >
              {one === "style" ? t.title : t.emotes}
            </button>
          ))}
        </span>
        <button type="button" class="bare" aria-label={t.close} onClick={closePen}>
          <Icon name="close" size={18} />
        </button>
      </header>
      {what === "style" ? <StylePicker /> : <EmotePicker />}
    </section>
  );
}
