import { second } from "../../shared/clock";
import { exact, moment, span, words } from "../../shared/i18n";
import { Icon } from "../../shared/ui/icons";
import type { Step } from "../../shared/wire";
import { checkin, isGuest, me, room } from "../store";
import { NextReward } from "./bar";
import { MonthGrid } from "./calendar";
import { ReceiptCard } from "./receipt";
import { daysWords } from "./words";

/** Everything about the streak: its numbers, its rules, the month, and the two ladders. */
export function CheckInPanel() {
  const t = daysWords.value;
  const today = checkin.value;
  if (!today || isGuest.value) return <p class="empty">{words.value.refused(1001, "")}</p>;
  const { best, total } = me.value?.streak ?? today.month;
  return (
    <div class="panel-flow" data-testid="days">
      <ReceiptCard inline />
      <dl class="numbers">
        <Figure term={t.streak} value={today.current} strong />
        <Figure term={t.best} value={best} />
        <Figure term={t.total} value={total} />
      </dl>
      {today.current === 0 && total > 0 && <p class="days-note">{t.fresh(total, best)}</p>}
      <NextReward />
      <Rules />
      <MonthGrid />
      <Ladder
        id="ladder"
        title={t.inARow}
        steps={today.ladder.filter((step) => step.by !== "total")}
        at={today.current}
      />
      <Ladder id="total-ladder" title={t.inAll} steps={today.ladder.filter((step) => step.by === "total")} at={total} />
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

/** Which days count here, until when today is open, and when the next stream is. */
function Rules() {
  const t = daysWords.value;
  const current = room.value;
  const closes = checkin.value?.expires_at ?? null;
  const next = current?.schedule?.next_at ?? null;
  const zone = current?.zone;
  const away = zone !== undefined && zone !== Intl.DateTimeFormat().resolvedOptions().timeZone;
  const lines = [
    current?.cadence === "live_day" && t.liveDay,
    current?.cadence === "per_stream" && t.perStream,
    current?.dwell_seconds ? t.dwell(span(current.dwell_seconds * 1000)) : "",
    closes !== null && !checkin.value?.done && closes > second.value && t.closes(moment(closes, second.value)),
    away && t.zone(zone),
    next !== null && next > second.value && t.next(moment(next, second.value)),
  ].filter(Boolean);
  if (lines.length === 0) return null;
  return (
    <ul class="days-rules" data-testid="rules">
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}

function Ladder({ id, title, steps, at }: { id: "ladder" | "total-ladder"; title: string; steps: Step[]; at: number }) {
  if (steps.length === 0) return null;
  const next = steps.find((step) => step.day > at);
  return (
    <section aria-labelledby={`${id}-title`}>
      <h2 id={`${id}-title`}>{title}</h2>
      <ol class="ladder" data-testid={id}>
        {steps.map((step) => (
          <Rung key={step.day} step={step} at={at} next={step === next} />
        ))}
      </ol>
    </section>
  );
}

function Rung({ step, at, next }: { step: Step; at: number; next: boolean }) {
  const t = daysWords.value;
  const reached = at >= step.day;
  const { stock } = step;
  return (
    <li
      class={`rung${reached ? " rung-done" : ""}${next ? " rung-next" : ""}`}
      aria-current={next ? "step" : undefined}
    >
      <span class="rung-mark">{reached ? <Icon name="check" size={16} /> : step.day}</span>
      <span class="rung-title">
        <span class="muted">{step.by === "total" ? t.times(step.day) : t.dayN(step.day)}</span> <bdi>{step.title}</bdi>
      </span>
      <span class="rung-state">
        {reached && t.reached}
        {next && t.more(step.day - at)}
        {!reached && stock !== null && stock !== undefined && <span class="rung-stock">{t.left(stock)}</span>}
      </span>
    </li>
  );
}
