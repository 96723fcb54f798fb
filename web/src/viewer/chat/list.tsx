import { signal } from "@preact/signals";
import { Component } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { type Lang, lang, words } from "../../shared/i18n";
import { settings } from "../../shared/settings";
import { Icon } from "../../shared/ui/icons";
import { lazy } from "../../shared/ui/lazy";
import { Level, Name } from "../../shared/ui/person";
import { blocked } from "../danmaku/filter";
import { saidText } from "../emotes";
import { type Row, type SaidRow, WHITE } from "../model";
import { joined, me, medals, rows } from "../store";

/** Rows in the page; older ones stay in memory. */
const SHOWN_ROWS = 200;
/** The list is written at most this often: a batch may come every 50 ms. */
const PACE_MS = 120;
const NEAR_END_PX = 32;

const Note = lazy(() => import("./note").then((part) => part.Note));
const Actions = lazy(() => import("../message/actions").then((part) => part.Actions));

/** The row whose menu is open. */
const opened = signal<string | null>(null);

function closeActions(key: string): void {
  if (opened.value === key) opened.value = null;
}

/** What was said, newest last. It follows the room until the viewer scrolls up; then it holds still and counts. */
export function ChatList() {
  const t = words.value;
  const box = useRef<HTMLDivElement>(null);
  const [frozen, freeze] = useState(false);
  const open = opened.value;
  const shown = usePaced(frozen || open !== null); // what is being done about a row keeps it in sight
  const missed = frozen ? newSince(shown.at(-1)) : 0;
  useLayoutEffect(() => {
    if (!frozen && box.current) box.current.scrollTop = 0;
  }, [frozen]);
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
        onKeyDown={(event) => {
          if (event.key === "End") freeze(false);
          else if (walk(event, box.current)) freeze(true);
        }}
        onClick={(event) => {
          const path = event.composedPath().filter((one) => one instanceof HTMLElement);
          if (path.some((one) => one.matches(".actions")) || !getSelection()?.isCollapsed) return;
          const key = path.find((one) => one.dataset.key)?.dataset.key ?? null;
          opened.value = key === open ? null : key;
        }}
      >
        <div class="chat-rows">
          {shown.length === 0 && <p class="empty">{t.emptyChat}</p>}
          {shown.map((row) => (
            <RowLine
              key={row.key}
              row={row}
              lang={lang.value}
              plain={settings.value.emotesAsWords}
              open={row.key === open}
            />
          ))}
        </div>
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

/** Arrow keys go from message to message, Enter opens what can be done about one. */
function walk(event: KeyboardEvent, list: HTMLElement | null): boolean {
  const here = document.activeElement;
  if (event.target instanceof HTMLInputElement || !list) return false;
  if (event.key === "Escape" && here !== list) {
    list.focus();
    return false;
  }
  if (here instanceof HTMLElement && here.dataset.key && (event.key === "Enter" || event.key === " ")) {
    event.preventDefault();
    here.click();
    return true;
  }
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!step) return false;
  const said = [...list.querySelectorAll<HTMLElement>("[data-key]")];
  const at = said.indexOf((here?.closest("[data-key]") ?? null) as HTMLElement);
  const next = said[at < 0 ? said.length - 1 : at + step];
  if (!next) return false;
  event.preventDefault();
  next.focus();
  return true;
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
  const [shown, show] = useState<Row[]>(() => wanted(rows.peek()));
  const latest = rows.value;
  const wish = settings.value;
  const due = useRef(0);
  useEffect(() => {
    if (frozen) return;
    const wait = Math.max(0, due.current - performance.now());
    const timer = setTimeout(() => {
      due.current = performance.now() + PACE_MS;
      show(wanted(rows.peek()));
    }, wait);
    return () => clearTimeout(timer);
  }, [latest, frozen]);
  useEffect(() => {
    show((now) => wanted(frozen ? now : rows.peek())); // at once, also where the view holds still
  }, [wish.blockedWords, wish.blockedUsers]);
  return shown;
}

/** The last rows, without what the viewer has blocked. */
function wanted(all: Row[]): Row[] {
  const wish = settings.peek();
  if (wish.blockedWords.length + wish.blockedUsers.length === 0) return all.slice(-SHOWN_ROWS);
  return all.filter((row) => row.kind !== "said" || !blocked(row, wish)).slice(-SHOWN_ROWS);
}

function newSince(last: Row | undefined): number {
  const all = rows.value;
  if (!last) return all.length;
  const at = all.findLastIndex((row) => row.key === last.key);
  return at < 0 ? all.length : all.length - 1 - at;
}

/** The list is laid out from its end (`column-reverse`), so it stays there by itself and is above 0 nowhere. */
function isAtEnd(list: HTMLElement): boolean {
  return list.scrollTop > -NEAR_END_PX;
}

interface RowProps {
  row: Row;
  lang: Lang;
  /** Emotes as words. */
  plain: boolean;
  open: boolean;
}

/** A row is drawn again only when it, its menu, the language or the way of emotes changed. */
class RowLine extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps): boolean {
    const { row, lang, plain, open } = this.props;
    return next.row !== row || next.lang !== lang || next.plain !== plain || next.open !== open;
  }

  render() {
    const { row, open } = this.props;
    return row.kind === "said" ? <SaidLine row={row} open={open} /> : <Note row={row} />;
  }
}

/** The medal beside a name: what it took, and its own name for those who ask. */
function WornMedal({ id }: { id: string }) {
  const { title = id, day = "" } = medals.value.get(id) ?? {};
  return (
    <span class="medal" data-testid="medal" role="img" aria-label={title} title={title}>
      <Icon name="spark" size={12} />
      {day}
    </span>
  );
}

function SaidLine({ row, open }: { row: SaidRow; open: boolean }) {
  const t = words.value;
  const mine = row.mine && me.value !== null;
  const color = row.color === WHITE ? "" : `#${row.color.toString(16).padStart(6, "0")}`;
  return (
    <div
      class={`row row-said${mine ? " row-mine" : ""}`}
      data-testid="chat-row"
      data-status={row.status}
      data-user={row.user.id}
      data-key={row.key}
      tabIndex={-1}
    >
      {row.host ? <span class="level level-host">{t.host}</span> : <Level tier={row.user.tier} />}
      {row.medal && <WornMedal id={row.medal} />}
      {row.user.id ? <Name user={row.user} /> : <span class="name">{t.several}</span>}
      {mine && <span class="row-you">{t.you}</span>}
      <bdi class={row.emote ? "said said-emote" : "said"} style={color ? { color } : {}}>
        {saidText(row)}
      </bdi>
      {row.count > 1 && <b class="times">{t.times(row.count)}</b>}
      {row.status === "sending" && <span class="row-status">{t.sending}</span>}
      {row.status === "shed" && <span class="row-status">{t.shed}</span>}
      {row.status === "removed" && <span class="row-status">{t.removed}</span>}
      {open && row.user.id && (
        <span class="actions" data-testid="actions">
          <Actions user={row.user} text={saidText(row)} mine={row.mine} done={() => closeActions(row.key)} />
        </span>
      )}
    </div>
  );
}
