import { exact, words } from "../../shared/i18n";
import { Icon } from "../../shared/ui/icons";
import { checkin, isGuest, me } from "../store";
import { NextReward } from "./bar";
import { MonthGrid } from "./calendar";
import { ReceiptCard } from "./receipt";

/** Everything about the streak: its numbers, the month, and the ladder. */
export function CheckInPanel() {
  const t = words.value;
  const today = checkin.value;
  if (!today || isGuest.value) return <p class="empty">{t.refused(1001, "")}</p>;
  const { best, total } = me.value?.streak ?? today.month;
  return (
    <div class="panel-flow">
      <ReceiptCard inline />
      <dl class="numbers">
        <Figure term={t.streak} value={today.current} strong />
        <Figure term={t.best} value={best} />
        <Figure term={t.total} value={total} />
      </dl>
      <NextReward />
      <MonthGrid />
      <Ladder />
    </div>
  );
}

function Figure({ term, value, strong }: { term: string; value: number; strong?: boolean }) {
  return (
    <div class={strong ? "figure figure-strong" : "figure"}>
      <dt>{term}</dt>
      <dd>{exact(value)}</dd>
    </div>
  );
}

function Ladder() {
  const t = words.value;
  const today = checkin.value;
  if (!today || today.ladder.length === 0) return null;
  return (
    <section aria-labelledby="ladder-title">
      <h3 id="ladder-title">{t.ladder}</h3>
      <ol class="ladder" data-testid="ladder">
        {today.ladder.map((step) => {
          const inAll = step.by === "total";
          const reached = (inAll ? today.month.total : today.current) >= step.day;
          const next = !inAll && today.next?.day === step.day;
          return (
            <li
              key={`${step.by ?? ""}${step.day}`}
              class={`rung${reached ? " rung-done" : ""}${next ? " rung-next" : ""}`}
              aria-current={next ? "step" : undefined}
            >
              <span class="rung-mark">{reached ? <Icon name="check" size={16} /> : step.day}</span>
              <span class="rung-title">
                <span class="muted">{inAll ? `${step.day} ${t.total}` : t.dayN(step.day)}</span> <bdi>{step.title}</bdi>
              </span>
              <span class="rung-state">
                {reached && t.reached}
                {!reached && step.stock !== null && step.stock !== undefined && t.left(step.stock)}
              </span>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
