import { second } from "../shared/clock";
import { count, exact, moment, words as shared, span } from "../shared/i18n";
import { Icon } from "../shared/ui/icons";
import { LanguageSwitch } from "../shared/ui/language";
import { standing } from "./connection";
import { link, online, role, room } from "./store";
import { words } from "./words";

/** Which room this is, and whether all is well with it. */
export function Header() {
  const t = words.value;
  const current = room.value;
  return (
    <header class="head">
      {current && <LiveMark />}
      <h1 class="title">
        <bdi>{current?.title || current?.id || t.console}</bdi>
      </h1>
      {role.value && (
        <span class="role" data-testid="role" data-role={role.value}>
          {t.role[role.value]}
        </span>
      )}
      {current && (
        <span class={`online${link.value.state === "open" ? "" : " online-old"}`} title={exact(online.value)}>
          <Icon name="person" size={16} />
          <span class="online-long">{shared.value.here(count(online.value))}</span>
          <span class="online-short" aria-hidden="true">
            {count(online.value)}
          </span>
        </span>
      )}
      {current && <Health />}
      <LanguageSwitch />
    </header>
  );
}

function LiveMark() {
  const t = words.value;
  const current = room.value;
  if (!current) return null;
  if (current.live)
    return (
      <span class="live" data-testid="live" data-live="true">
        {current.live_since ? t.live(span(Math.max(0, second.value - current.live_since))) : shared.value.live}
      </span>
    );
  const next = current.schedule?.next_at;
  return (
    <span class="live live-off" data-testid="live" data-live="false">
      {t.offAir}
      {next ? (
        <small>{t.nextAt(moment(next, second.value))}</small>
      ) : (
        current.ended_at && <small>{t.endedAt(moment(current.ended_at, second.value))}</small>
      )}
    </span>
  );
}

/** The connection and the store, each a dot and a word. */
function Health() {
  const t = words.value;
  const state = standing();
  const away = room.value?.storage === "away";
  return (
    <span class="health">
      <span class={`health-one health-${state === "live" || state === "gap" ? "good" : "bad"}`}>
        {t.connection[state]}
      </span>
      <span class={`health-one health-${away ? "bad" : "good"}`} data-testid="store" data-state={away ? "away" : "ok"}>
        {away ? t.storeAway : t.storeOk}
      </span>
    </span>
  );
}
