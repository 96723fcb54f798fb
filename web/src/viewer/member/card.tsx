import { useEffect } from "preact/hooks";
import { count, exact, words } from "../../shared/i18n";
import { Icon } from "../../shared/ui/icons";
import { Avatar, Name } from "../../shared/ui/person";
import type { Card } from "../../shared/wire";
import { renewCard } from "../checkin/today";
import { isGuest, me, styles } from "../store";

/** My own card: level and the way to the next one, points, medals, colours. */
export function MemberCard() {
  const t = words.value;
  const card = me.value;
  useEffect(() => {
    if (!isGuest.value) void renewCard(); // what is missing to the next level is told by the card only
  }, []);
  if (!card || isGuest.value) return <p class="empty">{t.guestBox}</p>;
  return (
    <div class="panel-flow" data-testid="card">
      <header class={`card tier-${Math.min(6, card.tier.level)}`}>
        <Avatar user={card.user} size="large" />
        <div>
          <strong>
            <Name user={card.user} />
          </strong>
          <span class="card-tier" data-testid="tier">
            {t.level(card.tier.level)} <bdi>{t.tier(card.tier.name)}</bdi>
          </span>
        </div>
        <div class="card-points" data-testid="points">
          <b>{exact(card.points)}</b>
          <span class="muted">{t.pointsLabel}</span>
        </div>
      </header>
      <NextTier card={card} />
      <Medals card={card} />
      <Colours />
    </div>
  );
}

function NextTier({ card }: { card: Card }) {
  const t = words.value;
  const next = card.next_tier;
  if (!next) return <p class="muted">{t.topTier}</p>;
  const of = card.qualifying + next.in;
  return (
    <div class="next">
      <p class="next-words">
        <bdi>{t.toTier(count(next.in), t.tier(next.name))}</bdi>
      </p>
      <div
        class="steps"
        role="progressbar"
        aria-valuemin={0}
        aria-valuemax={of}
        aria-valuenow={card.qualifying}
        aria-label={t.tier(next.name)}
      >
        <i class="step step-part">
          <i class="step-fill" style={{ width: `${of > 0 ? (100 * card.qualifying) / of : 0}%` }} />
        </i>
      </div>
    </div>
  );
}

function Medals({ card }: { card: Card }) {
  const t = words.value;
  return (
    <section aria-labelledby="medals-title">
      <h3 id="medals-title">{t.medals}</h3>
      {card.medals.length === 0 && <p class="muted">{t.noMedals}</p>}
      <ul class="earned">
        {card.medals.map((medal) => (
          <li key={nameOf(medal)}>
            <Icon name="spark" size={14} /> <bdi>{nameOf(medal)}</bdi>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Colours() {
  const t = words.value;
  const open = styles.value.filter((style) => !style.locked);
  if (open.length === 0) return null;
  return (
    <section aria-labelledby="colours-title">
      <h3 id="colours-title">{t.colours}</h3>
      <ul class="earned">
        {open.map((style) => (
          <li key={style.id} style={{ color: `#${style.color.toString(16).padStart(6, "0")}` }}>
            <bdi>{t.style(style.id, style.name)}</bdi>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The words for a medal, however much of it the server sends. */
export function nameOf(medal: unknown): string {
  if (typeof medal === "string") return medal;
  const { title, name, id } = (medal ?? {}) as { title?: string; name?: string; id?: string };
  return title ?? name ?? id ?? "";
}
