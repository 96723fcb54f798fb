import { serverNow } from "../../shared/clock";
import { exact, moment, words } from "../../shared/i18n";
import { Icon } from "../../shared/ui/icons";
import type { Card } from "../../shared/wire";
import { memberWords } from "./words";

const LAST = 5;

/** All levels, those behind me and those ahead, and how I came to mine. */
export function GrowthSteps({ card }: { card: Card }) {
  const t = memberWords.value;
  const path = card.path;
  if (!path || path.tiers.length === 0) return null;
  return (
    <section aria-labelledby="path-title">
      <h2 id="path-title">{t.way}</h2>
      <ol class="path" data-testid="path">
        {path.tiers.map((tier) => {
          const here = tier.level === card.tier.level;
          return (
            <li
              key={tier.level}
              class={`path-step tier-${Math.min(6, tier.level)}${tier.reached ? " path-reached" : ""}`}
              data-level={tier.level}
              aria-current={here ? "step" : undefined}
            >
              <span class="path-mark">{tier.reached ? <Icon name="check" size={14} /> : tier.level}</span>
              <bdi class="path-name">{words.value.tier(tier.name)}</bdi>
              <span class="muted">{here ? t.here : tier.reached ? t.reached : t.from(exact(tier.at))}</span>
            </li>
          );
        })}
      </ol>
      <p class="muted path-until">{path.until === null ? t.lasts : t.until(moment(path.until, serverNow()))}</p>
      {path.history.length > 0 && <History path={path} />}
    </section>
  );
}

function History({ path }: { path: NonNullable<Card["path"]> }) {
  const t = memberWords.value;
  const nameOf = (level: number) =>
    words.value.tier(path.tiers.find((tier) => tier.level === level)?.name ?? `Lv ${level}`);
  return (
    <>
      <h3 class="path-history">{t.history}</h3>
      <ul class="path-list" data-testid="tier-history">
        {path.history
          .slice(-LAST)
          .reverse()
          .map(({ at, from_tier, tier }) => (
            <li key={at}>
              <bdi>{tier > from_tier ? t.rose(nameOf(tier)) : t.fell(nameOf(tier))}</bdi>
              <time class="muted" dateTime={new Date(at).toISOString()}>
                {moment(at, serverNow())}
              </time>
            </li>
          ))}
      </ul>
    </>
  );
}
