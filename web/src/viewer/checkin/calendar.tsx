import { signal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { announce } from "../../shared/announce";
import { Refusal } from "../../shared/connection";
import { dayName, lang, monthName, weekdays, weekStart } from "../../shared/i18n";
import { Icon } from "../../shared/ui/icons";
import { warn } from "../../shared/warn";
import type { Calendar, DayKind } from "../../shared/wire";
import { call, checkin, onEffects } from "../store";
import { type Cell, moveFocus, shiftMonth, weeksOf } from "./month";
import { daysWords } from "./words";

/** Another month than the current one; null shows the current month, which is always up to date. */
const other = signal<Calendar | null>(null);
const failed = signal("");
const focused = signal<number | null>(null);
let wished = "";

async function showMonth(month: string): Promise<void> {
  const today = checkin.value;
  if (!today) return;
  wished = month;
  failed.value = "";
  if (month === today.month.month) other.value = null;
  else
    try {
      const loaded = await call<Calendar>("checkin.calendar", { month });
      if (wished === month) other.value = loaded;
    } catch (error) {
      if (!(error instanceof Refusal)) warn("the calendar failed", error);
      failed.value = daysWords.value.failed;
      return;
    }
  announce(monthName(month));
}

/** The month as a grid: one tab stop, arrows for days, Page Up and Page Down for months. */
export function MonthGrid() {
  const t = daysWords.value;
  const today = checkin.value;
  useEffect(
    () =>
      onEffects((effects) => {
        const shown = other.peek()?.month;
        if (shown && effects.some((one) => one.kind === "days")) void showMonth(shown);
      }),
    [],
  );
  if (!today) return null;
  const shown = other.value ?? today.month;
  const first = weekStart(lang.value, navigator.languages);
  const newest = shown.month >= today.month.month;
  const done = shown.days.filter((day) => day.kind === "done" || day.kind === "bridged").length;
  return (
    <section class="calendar" data-testid="calendar" data-month={shown.month} aria-labelledby="calendar-month">
      <header class="calendar-head">
        <button
          type="button"
          class="bare"
          aria-label={t.previousMonth}
          onClick={() => void showMonth(shiftMonth(shown.month, -1))}
        >
          <Icon name="left" />
        </button>
        <h2 id="calendar-month">{monthName(shown.month)}</h2>
        <button
          type="button"
          class="bare"
          aria-label={t.nextMonth}
          aria-disabled={newest}
          onClick={() => newest || void showMonth(shiftMonth(shown.month, 1))}
        >
          <Icon name="right" />
        </button>
      </header>
      <Grid calendar={shown} first={first} today={today.day} newest={newest} />
      <p class="calendar-sum muted">{failed.value || t.sum(done, shown.days.length)}</p>
      <Legend days={shown.days} />
    </section>
  );
}

function Grid({
  calendar,
  first,
  today,
  newest,
}: {
  calendar: Calendar;
  first: number;
  today: string;
  newest: boolean;
}) {
  const weeks = weeksOf(calendar, first);
  const length = weeks.flat().filter(Boolean).length;
  const stop = focused.value ?? (today.startsWith(calendar.month) ? Number(today.slice(8)) : 1);
  const grid = useRef<HTMLTableElement>(null);
  /** Where a day has the focus, it goes along with the tab stop, also into another month, whose cells are other ones. */
  const held = grid.current?.contains(document.activeElement);
  useLayoutEffect(() => {
    if (held) grid.current?.querySelector<HTMLElement>("[tabindex='0']")?.focus();
  }, [stop, calendar.month]);
  const onKey = (event: KeyboardEvent, cell: Cell, column: number) => {
    const move = moveFocus(event.key, cell.day, length, column);
    if (!move) return;
    event.preventDefault();
    focused.value = move.day;
    if (move.month === -1 || (move.month === 1 && !newest)) void showMonth(shiftMonth(calendar.month, move.month));
  };
  return (
    // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: the date grid pattern of ARIA puts its role on the table
    <table ref={grid} role="grid" aria-labelledby="calendar-month">
      <thead>
        <tr>
          {weekdays(first).map((day) => (
            <th key={day.long} scope="col" abbr={day.long}>
              {day.short}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {weeks.map((week, row) => (
          <tr key={`${calendar.month}-${row}`}>
            {week.map((cell, column) =>
              cell ? (
                <Day
                  key={cell.date}
                  cell={cell}
                  today={cell.date === today}
                  stop={cell.day === Math.min(stop, length)}
                  onKey={(event) => onKey(event, cell, column)}
                />
              ) : (
                <td key={column} />
              ),
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface DayProps {
  cell: Cell;
  today: boolean;
  stop: boolean;
  onKey: (event: KeyboardEvent) => void;
}

function Day({ cell, today, stop, onKey }: DayProps) {
  const state = cell.kind ? `, ${daysWords.value.kind[cell.kind]}` : "";
  return (
    <td
      class={`day day-${cell.kind ?? "none"}${today ? " day-today" : ""}`}
      data-date={cell.date}
      data-kind={cell.kind ?? ""}
      tabIndex={stop ? 0 : -1}
      aria-current={today ? "date" : undefined}
      aria-label={dayName(cell.date) + state}
      onKeyDown={onKey}
      onClick={() => {
        focused.value = cell.day;
      }}
    >
      <span class="day-face">
        <span class="day-number">{cell.day}</span>
        <DayMark kind={cell.kind} />
      </span>
    </td>
  );
}

function DayMark({ kind }: { kind: DayKind | null }) {
  if (kind === "done") return <Icon name="check" size={14} />;
  if (kind === "bridged") return <Icon name="bridge" size={14} />;
  if (kind === "excused") return <Icon name="shield" size={13} />;
  return <i class={kind === "missed" ? "dash" : "no-mark"} />;
}

const KINDS: DayKind[] = ["done", "bridged", "excused", "missed", "open"];

function Legend({ days }: { days: Calendar["days"] }) {
  const kinds = KINDS.filter((kind) => kind !== "bridged" || days.some((day) => day.kind === "bridged"));
  return (
    <ul class="legend">
      {kinds.map((kind) => (
        <li key={kind}>
          <span class={`day day-${kind}`}>
            <span class="day-face">
              <DayMark kind={kind} />
            </span>
          </span>
          {daysWords.value.legend[kind]}
        </li>
      ))}
    </ul>
  );
}
