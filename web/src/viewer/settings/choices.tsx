import type { ComponentChildren } from "preact";
import { lang, words } from "../../shared/i18n";
import { setLang } from "../../shared/language";
import { choose, DEFAULTS, danmakuShown, KINDS, type Settings, settings } from "../../shared/settings";
import { Choice, Toggle } from "../../shared/ui/choice";
import { BlockedList } from "./blocked";
import { settingsWords } from "./words";

/** All that the viewer may choose; each choice is at once to be seen, and kept on his device. */
export function Choices() {
  const t = settingsWords.value;
  return (
    <>
      <Group title={t.danmaku}>
        <Danmaku />
      </Group>
      <Group title={t.blocked}>
        <BlockedList />
      </Group>
      <Group title={t.room}>
        <InTheRoom />
      </Group>
      <Group title={t.page}>
        <ThisPage />
      </Group>
    </>
  );
}

function Group({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section class="choices" aria-label={title}>
      <h3>{title}</h3>
      {children}
    </section>
  );
}

function Danmaku() {
  const t = settingsWords.value;
  const now = settings.value;
  return (
    <>
      <Toggle label={words.value.showDanmaku} on={danmakuShown()} set={(danmaku) => choose({ danmaku })} />
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
      <Choice
        label={t.density}
        name="density"
        now={now.density}
        all={["few", "normal", "all"] as const}
        words={t.densities}
        set={(density) => choose({ density })}
      />
      {t.densityHint[now.density] && <p class="choice-hint">{t.densityHint[now.density]}</p>}
      <Kinds />
      <Toggle label={t.merge} on={now.merge} set={(merge) => choose({ merge })} />
      <Toggle label={t.white} on={now.white} set={(white) => choose({ white })} />
      <Toggle label={t.emotesAsWords} on={now.emotesAsWords} set={(emotesAsWords) => choose({ emotesAsWords })} />
      <button type="button" class="quiet choice-reset" data-testid="settings-reset" onClick={reset}>
        {t.reset}
      </button>
    </>
  );
}

/** The look of danmaku as it was at first; what is blocked stays blocked. */
function reset(): void {
  const { danmaku, area, opacity, scale, speed, density, without, merge, white, emotesAsWords } = DEFAULTS;
  choose({ danmaku, area, opacity, scale, speed, density, without, merge, white, emotesAsWords });
}

function Kinds() {
  const t = settingsWords.value;
  const { without } = settings.value;
  return (
    <fieldset class="choice">
      <legend>{t.kinds}</legend>
      <span class="kinds">
        {KINDS.map((kind) => (
          <label key={kind} class="kind">
            <input
              type="checkbox"
              data-testid={`kind-${kind}`}
              checked={!without.includes(kind)}
              onChange={({ currentTarget: { checked } }) =>
                choose({ without: checked ? without.filter((one) => one !== kind) : [...without, kind] })
              }
            />
            <span>{t.kind[kind]}</span>
          </label>
        ))}
      </span>
      <p class="choice-hint">{t.kindsHint}</p>
    </fieldset>
  );
}

function InTheRoom() {
  const t = settingsWords.value;
  const now = settings.value;
  return (
    <>
      <Choice
        label={t.entrances}
        name="entrances"
        now={now.entrances}
        all={["all", "mine", "none"] as const}
        words={t.entrancesOf}
        set={(entrances) => choose({ entrances })}
      />
      <Toggle label={t.celebrations} on={now.celebrations} set={(celebrations) => choose({ celebrations })} />
    </>
  );
}

function ThisPage() {
  const t = settingsWords.value;
  const now = settings.value;
  return (
    <>
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

interface RangeProps {
  label: ComponentChildren;
  name: "scale" | "speed" | "opacity";
  min: number;
  max: number;
}

function Range({ label, name, min, max }: RangeProps) {
  const value = settings.value[name];
  return (
    <label class="choice">
      <span>{label}</span>
      <span class="range">
        <input
          type="range"
          data-testid={`range-${name}`}
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
