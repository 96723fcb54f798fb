import { signal } from "@preact/signals";
import { announce } from "../../shared/announce";
import { Choice, Toggle } from "../../shared/ui/choice";
import type { RoomSettings } from "../../shared/wire";
import { call, dispatch, explain, ready, room } from "../store";
import { words } from "../words";

const SLOW = [0, 5, 10, 30];
const LEVELS = [0, 1, 2, 3, 4, 5, 6];

/** What was chosen and is not confirmed yet; the room's own word counts as soon as it comes. */
const wished = signal<Partial<RoomSettings>>({});
const trouble = signal("");

/** Who may speak in the room; the state is the room's own, told by itself. */
export function Modes() {
  const t = words.value;
  const now = { ...room.value?.settings, ...wished.value };
  return (
    <section class="block" aria-labelledby="modes">
      <h2 id="modes">{t.modes}</h2>
      <div class="modes" data-testid="modes" data-busy={Object.keys(wished.value).length > 0}>
        <div class={`freeze${now.frozen ? " freeze-on" : ""}`} data-testid="mode-frozen" data-on={now.frozen}>
          <Toggle label={t.frozen} on={now.frozen ?? false} set={(frozen) => void set({ frozen })} />
          {now.frozen && <p class="freeze-text">{t.frozenOn}</p>}
        </div>
        <div data-testid="mode-slow" data-seconds={now.slow_seconds}>
          <Choice
            label={t.slow}
            name="slow"
            now={now.slow_seconds ?? 0}
            all={withNow(SLOW, now.slow_seconds ?? 0)}
            words={named(withNow(SLOW, now.slow_seconds ?? 0), t.slowOf)}
            set={(slow_seconds) => void set({ slow_seconds })}
          />
        </div>
        <label class="choice">
          <span>{t.minTier}</span>
          <select
            class="pick"
            data-testid="mode-tier"
            value={String(now.min_tier ?? 0)}
            onChange={(event) => void set({ min_tier: Number(event.currentTarget.value) })}
          >
            {withNow(LEVELS, now.min_tier ?? 0).map((level) => (
              <option key={level} value={String(level)}>
                {t.minTierOf(level)}
              </option>
            ))}
          </select>
        </label>
        <Switch name="members_only" label={t.membersOnly} now={now} />
        <Switch name="emotes_only" label={t.emotesOnly} now={now} />
        <Switch name="hosts_only" label={t.hostsOnly} now={now} />
        <Switch name="guests_speak" label={t.guestsSpeak} now={now} />
      </div>
      <p class="trouble">{trouble.value}</p>
    </section>
  );
}

type Flag = "members_only" | "emotes_only" | "hosts_only" | "guests_speak";

function Switch({ name, label, now }: { name: Flag; label: string; now: Partial<RoomSettings> }) {
  return (
    <div data-testid={`mode-${name}`} data-on={now[name]}>
      <Toggle label={label} on={now[name] ?? false} set={(on) => void set({ [name]: on })} />
    </div>
  );
}

/** The usual choices, and the one that another program has made. */
function withNow(usual: number[], now: number): number[] {
  return usual.includes(now) ? usual : [...usual, now].sort((a, b) => a - b);
}

function named(values: number[], name: (value: number) => string): Record<number, string> {
  return Object.fromEntries(values.map((value) => [value, name(value)]));
}

async function set(change: Partial<RoomSettings>): Promise<void> {
  trouble.value = "";
  wished.value = { ...wished.value, ...change };
  try {
    if (!ready.value) trouble.value = words.value.notConnected;
    else dispatch({ kind: "settings", settings: await call<RoomSettings>("room.settings", change) });
  } catch (error) {
    trouble.value = explain(error);
    announce(trouble.value);
  } finally {
    const done = Object.keys(change);
    wished.value = Object.fromEntries(Object.entries(wished.value).filter(([name]) => !done.includes(name)));
  }
}
