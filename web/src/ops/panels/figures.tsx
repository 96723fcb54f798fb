import { count } from "../../shared/i18n";
import { curve, FIGURES, type Look, NAMES, type Name, type Point } from "../figures";
import { HEIGHT, minutes, path, WIDTH } from "../spark";
import { words } from "../words";

/** What the server does: its newest figures, each with its course. */
export function Figures({ course }: { course: readonly Look[] }) {
  const t = words.value;
  const wide = minutes(course);
  return (
    <section class="panel" aria-labelledby="lately">
      <h2 id="lately">{t.lately(wide)}</h2>
      <ul class="figures">
        {NAMES.map((name) => (
          <Figure key={name} name={name} points={curve(course, name)} wide={wide} />
        ))}
      </ul>
    </section>
  );
}

/** Its curve is for the eye alone: the line below it says the same. */
function Figure({ name, points, wide }: { name: Name; points: Point[]; wide: number }) {
  const t = words.value;
  const values = points.map(({ value }) => value);
  const now = values.at(-1);
  const [lowest, highest] = [Math.min(...values), Math.max(...values)].map(short);
  return (
    <li class="one-figure" data-testid={`figure-${name}`} data-value={now}>
      <span class="muted">{t.figures[name]}</span>
      <b>{now === undefined ? "–" : short(now)}</b>
      <svg class="curve" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        <path d={path(points, wide, FIGURES[name].least)} />
      </svg>
      <small class="muted">{now === undefined ? "–" : t.course(lowest, highest)}</small>
    </li>
  );
}

function short(value: number): string {
  return count(value < 10 ? Math.round(value * 10) / 10 : Math.round(value));
}
