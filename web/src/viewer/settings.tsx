import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { lang, words } from "../shared/i18n";
import { setLang } from "../shared/language";
import { choose, danmakuShown, type Settings, settings } from "../shared/settings";
import { Choice, Toggle } from "../shared/ui/choice";
import { Icon } from "../shared/ui/icons";

const open = signal(false);

export function openSettings(): void {
  open.value = true;
}

/** The sheet of choices; the browser's own dialog keeps and returns the focus. */
export function SettingsSheet() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (open.value) dialog.current?.showModal();
  }, [open.value]);
  if (!open.value) return null;
  const t = words.value;
  const close = () => dialog.current?.close();
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a dialog by itself; the click is on its backdrop
    <dialog
      ref={dialog}
      class="sheet"
      data-testid="settings"
      aria-labelledby="settings-title"
      onClose={() => {
        open.value = false;
      }}
      onClick={(event) => event.target === dialog.current && close()}
    >
      <div class="sheet-body">
        <header class="sheet-head">
          <h2 id="settings-title">{t.settings}</h2>
          <button type="button" class="bare" aria-label={t.close} onClick={close}>
            <Icon name="close" />
          </button>
        </header>
        <Choices />
      </div>
    </dialog>
  );
}

function Choices() {
  const t = words.value;
  const now = settings.value;
  return (
    <>
      <Toggle label={t.showDanmaku} on={danmakuShown()} set={(danmaku) => choose({ danmaku })} />
      <Choice
        label={t.area}
        name="area"
        now={now.area}
        all={[0.25, 0.5, 0.75, 1]}
        words={t.areas}
        set={(area) => choose({ area })}
      />
      <Range label={t.size} name="scale" min={0.8} max={1.4} />
      <Range label={t.speed} name="speed" min={0.5} max={1.5} />
      <Range label={t.opacity} name="opacity" min={0.2} max={1} />
      <Toggle label={t.merge} on={now.merge} set={(merge) => choose({ merge })} />
      <Choice
        label={t.entrances}
        name="entrances"
        now={now.entrances}
        all={["all", "mine", "none"] as const}
        words={t.entrancesOf}
        set={(entrances) => choose({ entrances })}
      />
      <Choice
        label={t.motion}
        name="motion"
        now={now.motion}
        all={["system", "full", "reduced"] as const}
        words={t.motionOf}
        set={(motion) => choose({ motion })}
      />
      <Choice
        label={t.announce}
        name="announce"
        now={now.announce}
        all={["off", "important", "all"] as const}
        words={t.announceOf}
        set={(announce) => choose({ announce })}
      />
      <Choice
        label={t.language}
        name="lang"
        now={lang.value}
        all={["en", "zh"] as const}
        words={{ en: "English", zh: "中文" }}
        set={setLang}
      />
    </>
  );
}

function Range({
  label,
  name,
  min,
  max,
}: {
  label: ComponentChildren;
  name: "scale" | "speed" | "opacity";
  min: number;
  max: number;
}) {
  const value = settings.value[name];
  return (
    <label class="choice">
      <span>{label}</span>
      <span class="range">
        <input
          type="range"
          min={min}
          max={max}
          step={0.1}
          value={value}
          onInput={(event) => choose({ [name]: Number(event.currentTarget.value) } as Partial<Settings>)}
        />
        <output>{Math.round(value * 100)}%</output>
      </span>
    </label>
  );
}
