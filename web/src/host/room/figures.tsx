import type { ComponentChildren } from "preact";
import { second } from "../../shared/clock";
import { count, exact } from "../../shared/i18n";
import { KEPT_MINUTES, minutes, perMinute } from "../pace";
import { entrances, likes, online, pace, today } from "../store";
import type { EntranceFigures } from "../wire";
import { words } from "../words";

/** How the evening goes, in four numbers and one line. */
export function Figures() {
  const t = words.value;
  const rate = perMinute(pace.value, second.value);
  return (
    <section class="block" aria-labelledby="figures">
      <h2 id="figures">{t.figures}</h2>
      <dl class="figures">
        <Figure name={t.online} testid="figure-online" value={online.value} />
        <Figure name={t.today} testid="figure-today" value={today.value} />
        <Figure name={t.likes} testid="figure-likes" value={likes.value} />
        <Figure name={t.perMinute} testid="figure-pace" value={rate}>
          <Sparkline />
        </Figure>
      </dl>
    </section>
  );
}

function Figure({
  name,
  testid,
  value,
  children,
}: {
  name: string;
  testid: string;
  value: number;
  children?: ComponentChildren;
}) {
  return (
    <div class="figure">
      <dt>{name}</dt>
      <dd data-testid={testid} data-count={value} title={exact(value)}>
        {count(value)}
        {children}
      </dd>
    </div>
  );
}

const BAR = 5;
const HEIGHT = 22;

/** Messages of each of the last fifteen minutes. */
function Sparkline() {
  const values = minutes(pace.value, second.value);
  const most = Math.max(1, ...values);
  return (
    <svg
      class="spark"
      viewBox={`0 0 ${KEPT_MINUTES * BAR} ${HEIGHT}`}
      width={KEPT_MINUTES * BAR}
      height={HEIGHT}
      role="img"
      aria-label={words.value.paceChart(values.join(", "))}
    >
      {values.map((value, index) => {
        const height = value === 0 ? 1 : Math.max(2, (value / most) * HEIGHT);
        return <rect key={index} x={index * BAR} y={HEIGHT - height} width={BAR - 2} height={height} rx="1" />;
      })}
    </svg>
  );
}

/** How long entrances waited, and how many were merged instead, by level. */
export function Entrances() {
  const t = words.value;
  return (
    <details class="fold" data-testid="entrances">
      <summary>{t.entrances}</summary>
      {entrances.value.length === 0 ? (
        <p class="muted fold-text">{t.noEntrances}</p>
      ) : (
        <table class="table">
          <caption class="muted">{t.entrancesHint}</caption>
          <thead>
            <tr>
              <th scope="col">{t.level}</th>
              <th scope="col">{t.played}</th>
              <th scope="col">{t.mean}</th>
              <th scope="col">{t.p95}</th>
              <th scope="col">{t.mergedShare}</th>
            </tr>
          </thead>
          <tbody>
            {entrances.value.map((one) => (
              <TierLine key={one.tier} one={one} />
            ))}
          </tbody>
        </table>
      )}
    </details>
  );
}

function TierLine({ one }: { one: EntranceFigures }) {
  const t = words.value;
  const all = one.played + one.merged;
  const share = all === 0 ? 0 : Math.round((100 * one.merged) / all);
  return (
    <tr>
      <th scope="row">{t.minTierOf(one.tier)}</th>
      <td>{count(one.played)}</td>
      <td>{one.mean_ms === null ? "–" : t.seconds((one.mean_ms / 1000).toFixed(1))}</td>
      <td>{one.played === 0 ? "–" : one.p95_ms === null ? t.above : `≤ ${t.seconds(String(one.p95_ms / 1000))}`}</td>
      <td>
        {count(one.merged)} <small class="muted">{share} %</small>
      </td>
    </tr>
  );
}
