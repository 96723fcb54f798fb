import { count, exact, words } from "../shared/i18n";
import { Icon } from "../shared/ui/icons";
import { LanguageSwitch } from "../shared/ui/language";
import { openSettings } from "./settings/open";
import { host, isGuest, link, me, online, room } from "./store";
import { tab } from "./tab";

/** Where the viewer is: live or not, title, how many are here, and who he is himself. */
export function Header() {
  const t = words.value;
  const current = room.value;
  return (
    <header class="head">
      {current && <LiveMark live={current.live} />}
      <h1 class="title">
        <bdi>{current?.title || current?.id || " "}</bdi>
        {host.value.name && <bdi class="title-host">{host.value.name}</bdi>}
      </h1>
      {current?.live && (
        <span
          class={`online${link.value.state === "open" ? "" : " online-old"}`}
          data-testid="online"
          data-count={online.value}
          title={exact(online.value)}
        >
          <Icon name="person" size={16} />
          {t.here(count(online.value))}
        </span>
      )}
      <MyMark />
      <LanguageSwitch />
      <button type="button" class="bare head-gear" aria-label={t.settings} title={t.settings} onClick={openSettings}>
        <Icon name="gear" />
      </button>
    </header>
  );
}

function LiveMark({ live }: { live: boolean }) {
  return (
    <span class={live ? "live" : "live live-off"} data-testid="live" data-live={live}>
      {live ? words.value.live : words.value.offAir}
    </span>
  );
}

function MyMark() {
  const t = words.value;
  const card = me.value;
  if (!card || isGuest.value) return room.value && <span class="my-mark">{t.guest}</span>;
  return (
    <button
      type="button"
      class={`my-mark tier-${Math.min(6, card.tier.level)}`}
      data-testid="me"
      onClick={() => {
        tab.value = "me";
      }}
    >
      <span class="level">{card.tier.level > 0 ? t.level(card.tier.level) : t.tier(card.tier.name)}</span>
      <span class="my-points">{t.points(card.points)}</span>
    </button>
  );
}
