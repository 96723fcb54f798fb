import { Component } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { type Lang, lang, words } from "../../shared/i18n";
import { Icon } from "../../shared/ui/icons";
import { Level, Name } from "../../shared/ui/person";
import { type Row, type SaidRow, WHITE } from "../model";
import { joined, me, rows } from "../store";

/** Rows in the page; older ones stay in memory. */
const SHOWN_ROWS = 200;
/** The list is written at most this often: a batch may come every 50 ms. */
const PACE_MS = 120;
const NEAR_END_PX = 32;

/** What was said, newest last. It follows the room until the viewer scrolls up; then it holds still and counts. */
export function ChatList() {
  const t = words.value;
  const box = useRef<HTMLDivElement>(null);
  const [frozen, freeze] = useState(false);
  const shown = usePaced(frozen);
  const missed = frozen ? newSince(shown.at(-1)) : 0;
  useLayoutEffect(() => {
    if (!frozen) toEnd(box.current);
  });
  useEffect(() => keepAtEnd(box.current), []);
  return (
    <div class="chat">
      <div
        ref={box}
        class="chat-list"
        data-testid="chat-list"
        role="log"
        aria-live="off"
        aria-label={t.chat}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling log must be reachable by keyboard
        tabIndex={0}
        onScroll={({ currentTarget: list }) => freeze(!isAtEnd(list))}
        onKeyDown={(event) => event.key === "End" && freeze(false)}
      >
        {shown.length === 0 && <p class="empty">{t.emptyChat}</p>}
        {shown.map((row) => (
          <RowLine key={row.key} row={row} lang={lang.value} />
        ))}
      </div>
      {frozen && (
        <button type="button" class="to-end" data-testid="to-end" onClick={() => freeze(false)}>
          {missed > 0 ? t.newMessages(missed) : t.toEnd}
        </button>
      )}
      <JoinedLine />
    </div>
  );
}

/** Who came in last, in one line that never grows. */
function JoinedLine() {
  const latest = joined.value;
  const first = latest?.users[0];
  const t = words.value;
  return (
    <p class="joined" data-testid="entered">
      {latest && !first && t.peopleCameIn(latest.count)}
      {latest && first && (
        <>
          <bdi class="name">{first.name}</bdi> {latest.count > 1 ? t.cameInWith(latest.count - 1) : t.cameIn}
        </>
      )}
    </p>
  );
}

/** The last rows, renewed at a bounded pace; while frozen the view keeps what it had. */
function usePaced(frozen: boolean): Row[] {
  const [shown, show] = useState<Row[]>(() => rows.peek().slice(-SHOWN_ROWS));
  const latest = rows.value;
  const due = useRef(0);
  useEffect(() => {
    if (frozen) return;
    const wait = Math.max(0, due.current - performance.now());
    const timer = setTimeout(() => {
      due.current = performance.now() + PACE_MS;
      show(rows.peek().slice(-SHOWN_ROWS));
    }, wait);
    return () => clearTimeout(timer);
  }, [latest, frozen]);
  return shown;
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

function toEnd(list: HTMLElement | null): void {
  if (list) list.scrollTop = list.scrollHeight;
}

/** A keyboard or a sheet may make the list smaller: what was at its end stays there. */
function keepAtEnd(list: HTMLElement | null): (() => void) | undefined {
  if (!list) return undefined;
  let height = list.clientHeight;
  const observer = new ResizeObserver(() => {
    const grown = height - list.clientHeight;
    height = list.clientHeight;
    if (list.scrollHeight - list.scrollTop - height - grown < NEAR_END_PX) toEnd(list);
  });
  observer.observe(list);
  return () => observer.disconnect();
}

/** A row is drawn again only when it or the language changed. */
class RowLine extends Component<{ row: Row; lang: Lang }> {
  override shouldComponentUpdate(next: { row: Row; lang: Lang }): boolean {
    return next.row !== this.props.row || next.lang !== this.props.lang;
  }

  render() {
    return line(this.props.row);
  }
}

function line(row: Row) {
  const t = words.value;
  switch (row.kind) {
    case "said":
      return <SaidLine row={row} />;
    case "gap":
      return (
        <p class="row row-gap" data-testid="gap">
          {t.gap}
        </p>
      );
    case "milestone":
      return (
        <p class="row row-note">
          <Icon name="spark" size={16} /> <bdi>{t.milestone(row.reached)}</bdi>
        </p>
      );
    case "tier":
      return (
        <p class="row row-note">
          <Icon name="spark" size={16} /> <bdi>{t.tierUp(row.user.name, t.tier(row.tier))}</bdi>
        </p>
      );
    case "degraded":
      return <p class="row row-note">{t.degraded}</p>;
    case "shoutout":
      return (
        <p class="row row-shout">
          <Icon name="horn" size={16} />{" "}
          <span>
            <bdi>{t.shoutFrom(row.shoutout.by.name)}</bdi> <bdi class="name">{row.shoutout.to.name}</bdi>{" "}
            <bdi>{row.shoutout.text}</bdi>
          </span>
        </p>
      );
  }
}

function SaidLine({ row }: { row: SaidRow }) {
  const t = words.value;
  const mine = row.mine && me.value !== null;
  const color = row.color === WHITE ? "" : `#${row.color.toString(16).padStart(6, "0")}`;
  return (
    <p
      class={`row row-said${mine ? " row-mine" : ""}`}
      data-testid="chat-row"
      data-status={row.status}
      data-user={row.user.id}
    >
      {row.host ? <span class="level level-host">{t.host}</span> : <Level tier={row.user.tier} />}
      <Name user={row.user} />
      {mine && <span class="row-you">{t.you}</span>}
      <bdi class="said" style={color ? { color } : {}}>
        {row.text}
      </bdi>
      {row.count > 1 && <b class="times">{t.times(row.count)}</b>}
      {row.status === "sending" && <span class="row-status">{t.sending}</span>}
      {row.status === "shed" && <span class="row-status">{t.shed}</span>}
    </p>
  );
}
