import type { Reading } from "../reading";
import { type Grade, type Verdict, verdicts } from "../verdicts";
import { words } from "../words";

/** How the server is, in sentences; each grade has its own shape, colour and word. */
export function Verdicts({ reading }: { reading: Reading }) {
  const t = words.value;
  return (
    <section class="panel" aria-labelledby="how">
      <h2 id="how">{t.how}</h2>
      <ul class="verdicts">
        {verdicts(reading).map((verdict) => (
          <One key={verdict.about} verdict={verdict} />
        ))}
      </ul>
    </section>
  );
}

function One({ verdict: { about, state, grade } }: { verdict: Verdict }) {
  const t = words.value;
  const [title, text] = t.told[about][state] ?? [state, ""];
  return (
    <li class={`verdict verdict-${grade}`} data-testid={`verdict-${about}`} data-state={state} data-grade={grade}>
      <Mark grade={grade} />
      <span class="verdict-said">
        <b>{title}</b>
        {text && <span class="muted">{text}</span>}
      </span>
      <span class="verdict-grade">{t.grade[grade]}</span>
    </li>
  );
}

const SHAPES: Record<Grade, string> = {
  good: "M3 8.500l3.500 3.500L13 4.500",
  warn: "M8 2l6.500 12h-13zM8 6.500v3.500M8 12v.01",
  bad: "M3 3h10v10H3zM6 6l4 4M10 6l-4 4",
};

function Mark({ grade }: { grade: Grade }) {
  return (
    <svg class="icon" width={18} height={18} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={SHAPES[grade]} />
    </svg>
  );
}
