import type { ComponentChildren } from "preact";
import { words } from "../../shared/i18n";
import { choose } from "../../shared/settings";
import { Icon } from "../../shared/ui/icons";
import type { Style } from "../../shared/wire";
import { draft, ownMode, ownStyle } from "../chat/send";
import { me, styles } from "../store";
import { cssColor, missingTo, rove } from "./style";
import { penWords } from "./words";

const MODES = [1, 5, 4] as const;

/** The colours of the room with their names, and how to get those that are not open yet; and where messages are shown. */
export function StylePicker() {
  const t = penWords.value;
  const own = ownStyle();
  return (
    <>
      <div class={`pen-preview pen-way-${ownMode()}`} aria-hidden="true">
        <span class="flight pen-sample" style={{ color: cssColor(own) }}>
          {draft.value.trim().slice(0, 24) || t.preview}
        </span>
      </div>
      <Radios label={t.colour} count={styles.value.length}>
        {styles.value.map((style, index) => (
          <StyleChoice key={style.id} style={style} chosen={style.id === own?.id} index={index} />
        ))}
      </Radios>
      {own && own.modes.length > 1 && <ModePicker style={own} />}
    </>
  );
}

/** A group of radio buttons with one tab stop; the arrows go to the locked ones too, which say how they open. */
function Radios({
  label,
  count,
  children,
  row,
}: {
  label: string;
  count: number;
  children: ComponentChildren;
  row?: boolean;
}) {
  return (
    <div
      class={row ? "radios radios-row" : "radios"}
      role="radiogroup"
      aria-label={label}
      onKeyDown={(event) => {
        const all = [...event.currentTarget.querySelectorAll<HTMLElement>("[role=radio]")];
        const next = rove(event.key, all.indexOf(document.activeElement as HTMLElement), count);
        const radio = next === null ? null : all[next];
        if (!radio) return;
        event.preventDefault();
        radio.focus();
        if (radio.getAttribute("aria-disabled") !== "true") radio.click();
      }}
    >
      {children}
    </div>
  );
}

function StyleChoice({ style, chosen, index }: { style: Style; chosen: boolean; index: number }) {
  const t = penWords.value;
  const locked = Boolean(style.locked);
  const level = style.locked?.tier;
  const missing = missingTo(level, me.value?.path, me.value?.qualifying ?? 0);
  const some = ownStyle();
  return (
    // biome-ignore lint/a11y/useSemanticElements: a locked choice must be reachable, which a disabled input is not
    <button
      type="button"
      role="radio"
      class={`radio${locked ? " radio-locked" : ""}`}
      data-testid="style"
      data-style={style.id}
      aria-checked={chosen}
      aria-disabled={locked}
      tabIndex={chosen || (!some && index === 0) ? 0 : -1}
      onClick={() => locked || choose({ style: style.id })}
    >
      <span class="swatch" style={{ backgroundColor: cssColor(style) }}>
        {locked && <Icon name="lock" size={13} />}
        {chosen && <Icon name="check" size={14} />}
      </span>
      <span class="radio-name" style={locked ? {} : { color: cssColor(style) }}>
        {words.value.style(style.id, style.name)}
      </span>
      {locked && <span class="radio-lock">{t.locked(level, missing === null ? null : t.points(missing))}</span>}
    </button>
  );
}

function ModePicker({ style }: { style: Style }) {
  const t = penWords.value;
  const open = MODES.filter((mode) => style.modes.includes(mode));
  return (
    <div class="pen-modes">
      <span aria-hidden="true">{t.way}</span>
      <Radios label={t.way} count={open.length} row>
        {open.map((mode) => (
          // biome-ignore lint/a11y/useSemanticElements: one kind of radio buttons in one panel
          <button
            key={mode}
            type="button"
            role="radio"
            class="segment-radio"
            data-testid="mode"
            data-mode={mode}
            aria-checked={ownMode() === mode}
            tabIndex={ownMode() === mode ? 0 : -1}
            onClick={() => choose({ mode })}
          >
            {words.value.modes[mode]}
          </button>
        ))}
      </Radios>
      {ownMode() !== 1 && <p class="muted">{t.held}</p>}
    </div>
  );
}
