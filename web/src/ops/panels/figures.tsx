import { count } from "../../shared/i18n";
import { levels, type Point, type Reading, rates } from "../history";
import { HEIGHT, minutes, path, WIDTH } from "../spark";
import { words } from "../words";

type Name = keyof typeof words.value.figures;
type Curve = (history: readonly Reading[]) => Point[];

const inMs = (points: Point[]) => points.map(({ at, value }) => ({ at, value: value * 1000 }));

/** What each curve shows, and up to where its scale goes at least. */
const CURVES: Record<Name, { of: Curve; least: number }> = {
  people: { of: (history) => levels(history, "connections"), least: 10 },
  checkins: { of: (history) => rates(history, "commands_total", { kind: "checkin.mark" }), least: 1 },
  commands: { of: (history) => rates(history, "commands_total"), least: 1 },
  written: { of: (history) => rates(history, "frames_written_total"), least: 10 },
  shed: { of: (history) => rates(history, "shed_total"), least: 1 },
  refused: { of: (history) => rates(history, "refusals_total"), least: 1 },
  lag: { of: (history) => inMs(levels(history, "loop_lag_seconds")), least: 100 },
  wait: { of: (history) => inMs(levels(history, "commit_wait_seconds")), least: 250 },
};

/** What the server does: its newest figures, each with its course. */
export function Figures({ history }: { history: readonly Reading[] }) {
  const t = words.value;
  const wide = minutes(history);
  return (
    <section class="panel" aria-labelledby="lately">
      <h2 id="lately">{t.lately(wide)}</h2>
      <ul class="figures">
        {(Object.keys(CURVES) as Name[]).map((name) => (
          <Figure key={name} name={name} points={CURVES[name].of(history)} wide={wide} />
        ))}
      </ul>
    </section>
  );
}

function Figure({ name, points, wide }: { name: Name; points: Point[]; wide: number }) {
  const t = words.value;
  const values = points.map(({ value }) => value);
  const now = values.at(-1);
  const [lowest, highest] = [Math.min(...values), Math.max(...values)].map(short);
  const course = now === undefined ? "–" : t.course(lowest, highest);
  return (
    <li class="one-figure" data-testid={`figure-${name}`} data-value={now}>
      <span class="muted">{t.figures[name]}</span>
      <b>{now === undefined ? "–" : short(now)}</b>
      <svg
        class="curve"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${t.figures[name]}: ${course}`}
      >
        <path d={path(points, wide, CURVES[name].least)} />
      </svg>
      <small class="muted">{course}</small>
    </li>
  );
}

function short(value: number): string {
  return count(value < 10 ? Math.round(value * 10) / 10 : Math.round(value));
}
