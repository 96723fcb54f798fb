import { Component } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { type Lang, lang, moment, words as shared } from "../../shared/i18n";
import { Icon } from "../../shared/ui/icons";
import { Level, Name } from "../../shared/ui/person";
import type { Row, SaidRow } from "../model";
import { me, rows, shed } from "../store";
import { words } from "../words";
import { RowMenu } from "./menu";
import { doomed } from "./moderate";

/** Rows in the page; older ones stay in memory. */
const SHOWN_ROWS = 150;
/** The list is written at most this often: a batch may come every 50 ms. */
const PACE_MS = 150;
const NEAR_END_PX = 32;
const WHITE = 16777215;

/** What was said, newest last. It holds still while somebody points at it, works in it or has scrolled up. */
export function ChatList() {
  const t = words.value;
  const box = useRef<HTMLDivElement>(null);
  const [up, setUp] = useState(false);
  const [pointed, point] = useState(false);
  const [open, setOpen] = useState<string | null>(null);
  const frozen = up || pointed || open !== null;
  const [shown, catchUp] = usePaced(frozen);
  const fresh = frozen ? newSince(shown.at(-1)) : 0;
  useLayoutEffect(() => {
    if (!frozen && box.current) box.current.scrollTop = box.current.scrollHeight;
  });
  const follow = () => {
    catchUp();
    setOpen(null);
    setUp(false);
    point(false);
  };
  return (
    <div class="chat" onPointerLeave={() => point(false)}>
      <div
        ref={box}
        class="chat-list"
        data-testid="chat-list"
        data-held={frozen}
        role="log"
        aria-live="off"
        aria-label={t.chat}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling log must be reachable by keyboard
        tabIndex={0}
        onPointerEnter={(event) => event.pointerType === "mouse" && point(true)}
        onScroll={({ currentTarget: list }) => setUp(!isAtEnd(list))}
        onKeyDown={(event) => event.key === "End" && follow()}
      >
        {shown.length === 0 && <p class="empty">{t.quiet}</p>}
        {shown.map((row) => (
          <RowLine
            key={row.key}
            row={row}
            lang={lang.value}
            doomed={isDoomed(row, doomed.value)}
            open={open === row.key}
            toggle={(key) => setOpen(open === key ? null : key)}
          />
        ))}
      </div>
      {frozen && (fresh > 0 || up) && (
        <button type="button" class="to-end" data-testid="to-end" data-count={fresh} onClick={follow}>
          {fresh > 0 ? t.newMessages(fresh) : t.toEnd}
        </button>
      )}
      {shed.value > 0 && <p class="chat-shed muted">{t.shedShort(shed.value)}</p>}
    </div>
  );
}

/** The last rows, renewed at a bounded pace; while frozen the view keeps what it had, but for what is deleted. */
function usePaced(frozen: boolean): [Row[], () => void] {
  const newest = () => rows.peek().slice(-SHOWN_ROWS);
  const [shown, show] = useState<Row[]>(newest);
  const latest = rows.value;
  const due = useRef(0);
  useEffect(() => {
    const wait = frozen ? PACE_MS : Math.max(0, due.current - performance.now());
    const timer = setTimeout(() => {
      due.current = performance.now() + PACE_MS;
      show((before) => (frozen ? renewed(before, rows.peek()) : newest()));
    }, wait);
    return () => clearTimeout(timer);
  }, [latest, frozen]);
  return [shown, () => show(newest())];
}

/** The same rows, as they are now. */
function renewed(before: Row[], now: Row[]): Row[] {
  const known = new Map(now.map((row) => [row.key, row]));
  const after = before.map((row) => known.get(row.key) ?? row);
  return after.every((row, index) => row === before[index]) ? before : after;
}

function newSince(last: Row | undefined): number {
  const all = rows.value;
  if (!last) return all.length;
  const at = all.findLastIndex((row) => row.key === last.key);
  return at < 0 ? all.length : all.length - 1 - at;
}

function isAtEnd(list: HTMLElement): boolean {
  return list.scrollHeight - list.scrollTop - list.clientHeight < NEAR_END_PX;
}

function isDoomed(row: Row, marks: ReadonlySet<string>): boolean {
  return row.kind === "said" && (marks.has(row.key) || marks.has(`@${row.user.id}`));
}

interface LineProps {
  row: Row;
  lang: Lang;
  doomed: boolean;
  open: boolean;
  toggle: (key: string) => void;
}

/** A row is drawn again only when something of it changed. */
class RowLine extends Component<LineProps> {
  override shouldComponentUpdate(next: LineProps): boolean {
    const { row, lang: spoken, doomed: gone, open } = this.props;
    return next.row !== row || next.lang !== spoken || next.doomed !== gone || next.open !== open;
  }

  render() {
    const { row } = this.props;
    return row.kind === "said" ? <SaidLine {...this.props} row={row} /> : <NoteLine row={row} />;
  }
}

function SaidLine({ row, doomed: gone, open, toggle }: Omit<LineProps, "row"> & { row: SaidRow }) {
  const t = words.value;
  const color = row.color === WHITE ? "" : `#${row.color.toString(16).padStart(6, "0")}`;
  const mine = row.user.id === me.value?.id;
  const state = row.removed ? "removed" : gone ? "doomed" : "shown";
  return (
    <div class={`row row-${state}`} data-testid="chat-row" data-user={row.user.id} data-state={state}>
      <p class="row-said">
        {row.host ? <span class="level level-host">{t.role.host}</span> : <Level tier={row.user.tier} />}
        <Name user={row.user} />{" "}
        <bdi class="said" style={color ? { color } : {}}>
          {row.text}
        </bdi>
        {row.count > 1 && <b class="times">{shared.value.times(row.count)}</b>}
        {row.removed && <small> {t.deleted}</small>}
      </p>
      {!mine && (
        <button
          type="button"
          class="bare row-more"
          data-testid="row-menu"
          aria-label={t.actions(row.user.name)}
          aria-expanded={open}
          onClick={() => toggle(row.key)}
        >
          <Icon name="dots" size={18} />
        </button>
      )}
      {open && <RowMenu row={row} close={() => toggle(row.key)} />}
    </div>
  );
}

function NoteLine({ row }: { row: Exclude<Row, SaidRow> }) {
  const t = words.value;
  switch (row.kind) {
    case "gap":
      return <p class="row row-gap">{shared.value.gap}</p>;
    case "milestone":
      return (
        <p class="row row-note">
          <Icon name="spark" size={16} /> <bdi>{shared.value.milestone(row.reached)}</bdi>
        </p>
      );
    case "shoutout":
      return (
        <p class="row row-note" data-testid="row-shout">
          <Icon name="horn" size={16} />{" "}
          <bdi>
            {shared.value.shoutFrom(row.shoutout.by.name)} {row.shoutout.to.name}: {row.shoutout.text}
          </bdi>
        </p>
      );
    case "called":
      return (
        <p class="row row-note">
          <Icon name="horn" size={16} /> <bdi>{t.called(row.users.map((user) => user.name).join(", "))}</bdi>
        </p>
      );
    case "done":
      return (
        <p class="row row-done" data-testid="row-done" data-kind={row.done.kind}>
          <Icon name="lock" size={14} />{" "}
          <bdi>
            {t.done(row.done.kind, row.done.user.name)}
            {row.done.until ? ` ${t.until(moment(row.done.until, Date.now()))}` : ""}
            {row.done.reason ? ` (${row.done.reason})` : ""}
          </bdi>
        </p>
      );
  }
}
