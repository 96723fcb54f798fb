import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { serverNow } from "../../shared/clock";
import { count, exact, moment, words } from "../../shared/i18n";
import { Toggle } from "../../shared/ui/choice";
import { Icon } from "../../shared/ui/icons";
import { Avatar, Name } from "../../shared/ui/person";
import type { Card } from "../../shared/wire";
import { renewCard } from "../checkin/today";
import { emoteName } from "../emotes";
import { cssColor } from "../pen/style";
import { checkin, emotes, isGuest, me, styles } from "../store";
import { wall } from "./medals";
import { Offer } from "./offer";
import { GrowthSteps } from "./path";
import { choosePrivacy, privacyFailed } from "./privacy";
import { memberWords } from "./words";

/** My own card: level and the way to the next one, points, medals, and what is open to me. */
export function MemberCard() {
  const card = me.value;
  useEffect(() => {
    if (!isGuest.value) void renewCard(); // what is missing to the next level is told by the card only
  }, []);
  if (!card || isGuest.value) return <p class="empty">{words.value.guestBox}</p>;
  return (
    <div class="panel-flow" data-testid="card">
      <Head card={card} />
      <Warning card={card} />
      <NextTier card={card} />
      <Offer card={card} />
      <Today card={card} />
      <GrowthSteps card={card} />
      <Medals card={card} />
      <Open card={card} />
      <Privacy card={card} />
    </div>
  );
}

function Head({ card }: { card: Card }) {
  const t = words.value;
  return (
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
  );
}

/** The level that is about to be lost, and what keeps it. */
function Warning({ card }: { card: Card }) {
  const warning = card.will_downgrade;
  if (!warning) return null;
  const { points_needed, tier, to, by } = warning;
  return (
    <p class="card-warning" data-testid="downgrade">
      {memberWords.value.warning(points_needed, tier, to, moment(by, serverNow()))}
    </p>
  );
}

function NextTier({ card }: { card: Card }) {
  const t = memberWords.value;
  const next = card.next_tier;
  if (!next) return <p class="muted">{t.top}</p>;
  const of = card.qualifying + next.in;
  const name = words.value.tier(next.name);
  return (
    <div class="next" data-testid="next-tier">
      <p class="next-words">
        <bdi>{t.toNext(count(next.in), name)}</bdi>
      </p>
      <div
        class="steps"
        role="progressbar"
        aria-valuemin={0}
        aria-valuemax={of}
        aria-valuenow={card.qualifying}
        aria-label={name}
      >
        <i class="step step-part">
          <i class="step-fill" style={{ width: `${of > 0 ? (100 * card.qualifying) / of : 0}%` }} />
        </i>
      </div>
    </div>
  );
}

/** What each rule has given today, and how much more it may. */
function Today({ card }: { card: Card }) {
  const t = memberWords.value;
  const rules = card.points_today ?? [];
  if (rules.length === 0) return null;
  return (
    <Part id="today-title" title={t.today}>
      <ul class="today" data-testid="points-today">
        {rules.map(({ rule, points, daily }) => (
          <li key={rule} data-rule={rule}>
            <span>{t.rules[rule] ?? rule}</span>
            <span class="today-bar" aria-hidden="true">
              {daily !== null && <i style={{ width: `${Math.min(100, (100 * points) / Math.max(1, daily))}%` }} />}
            </span>
            <span class="muted">{daily !== null && points >= daily ? t.full : t.of(points, daily)}</span>
          </li>
        ))}
      </ul>
    </Part>
  );
}

/** All medals: those that shine, those that a broken streak has dimmed, and what the next ones take. */
function Medals({ card }: { card: Card }) {
  const t = memberWords.value;
  const all = wall(card, checkin.value ?? { ladder: [], current: 0 });
  const next = all.find((one) => one.state === "ahead");
  return (
    <Part id="medals-title" title={t.medals}>
      {all.length === 0 && <p class="muted">{t.noMedals}</p>}
      <ul class="earned" data-testid="medals">
        {all.map((medal) => (
          <li key={medal.id} class={`earned-${medal.state}`} data-medal={medal.id} data-state={medal.state}>
            <Icon name={medal.state === "ahead" ? "lock" : "spark"} size={14} /> <bdi>{medal.title}</bdi>{" "}
            {medal.state === "dimmed" && <small>{t.shinesAgain(medal.missing)}</small>}
            {medal === next && <small>{medal.by ? t.moreInAll(medal.missing) : t.moreDays(medal.missing)}</small>}
          </li>
        ))}
      </ul>
    </Part>
  );
}

function Open({ card }: { card: Card }) {
  const t = memberWords.value;
  const colours = styles.value.filter((style) => !style.locked);
  const mine = emotes.value.filter((emote) => !emote.locked);
  const { effects = [], perks = [] } = card.entitlements ?? {};
  return (
    <Part id="open-title" title={t.open}>
      <dl class="open">
        <dt>{t.colours}</dt>
        <dd>
          {colours.map((style) => (
            <span key={style.id} class="open-colour" style={{ color: cssColor(style) }}>
              {words.value.style(style.id, style.name)}
            </span>
          ))}
        </dd>
        {mine.length > 0 && (
          <>
            <dt>{t.emotes}</dt>
            <dd>{mine.map((emote) => emoteName(emote)).join(words.value.comma)}</dd>
          </>
        )}
        {effects.length > 0 && (
          <>
            <dt>{t.entrance}</dt>
            <dd>{effects.map((id) => t.effects[id] ?? id).join(words.value.comma)}</dd>
          </>
        )}
        {perks.length > 0 && (
          <>
            <dt>{t.perks}</dt>
            <dd data-testid="perks">
              {perks.map((id) => t.perk[id] ?? id.replaceAll("_", " ")).join(words.value.comma)}
            </dd>
          </>
        )}
      </dl>
    </Part>
  );
}

function Privacy({ card }: { card: Card }) {
  const t = memberWords.value;
  const { entrance = true, hide_streak = false } = card.settings ?? {};
  return (
    <Part id="others-title" title={t.others}>
      <Toggle label={t.showEntrance} on={entrance} set={(on) => void choosePrivacy({ entrance: on })} />
      <Toggle label={t.hideStreak} on={hide_streak} set={(on) => void choosePrivacy({ hide_streak: on })} />
      {privacyFailed.value && <p class="hint-strong">{t.notSaved}</p>}
    </Part>
  );
}

function Part({ id, title, children }: { id: string; title: string; children: ComponentChildren }) {
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  );
}
