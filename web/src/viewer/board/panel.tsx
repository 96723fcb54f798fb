import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Refusal } from "../../shared/connection";
import { exact } from "../../shared/i18n";
import { Toggle } from "../../shared/ui/choice";
import { Level, Name } from "../../shared/ui/person";
import { warn } from "../../shared/warn";
import type { Board } from "../../shared/wire";
import { choosePrivacy, privacyFailed } from "../member/privacy";
import { burst, call, isGuest, me, onEffects, ready, receipt } from "../store";
import { boardLines, type Line, standing } from "./rows";
import { boardWords } from "./words";

const FIRST = 3;
const AROUND = 7;
const ALONE = 10;
const PACE_MS = 2000;

const top = signal<Board | null>(null);
const around = signal<Board | null>(null);
const failed = signal(false);
let asked = 0;
let timer = 0;

/** Asks for the board, at most once in two seconds; what comes sooner is asked for together. */
function refresh(): void {
  clearTimeout(timer);
  timer = window.setTimeout(() => void load(), Math.max(0, asked + PACE_MS - performance.now()));
}

async function load(): Promise<void> {
  if (document.hidden || !ready.value) return;
  asked = performance.now();
  const member = !isGuest.value;
  try {
    const ask = (data: object) => call<Board>("checkin.board", { scope: "room", ...data });
    const [first, near] = await Promise.all([
      ask({ limit: member ? FIRST : ALONE }),
      member ? ask({ around: true, limit: AROUND }) : null,
    ]);
    top.value = near?.me === null ? await ask({ limit: ALONE }) : first;
    around.value = near;
    failed.value = false;
  } catch (error) {
    if (!(error instanceof Refusal)) warn("the board failed", error);
    failed.value = true;
  }
}

/** The room's streaks: the first three, my neighbours, and my own row always in sight. */
export function BoardPanel() {
  const t = boardWords.value;
  useEffect(() => {
    refresh();
    return () => clearTimeout(timer);
  }, [ready.value]);
  useEffect(() => {
    if (top.peek()) refresh(); // somebody checked in, maybe I myself
  }, [burst.value, receipt.value, me.value?.settings?.hide_streak]);
  useEffect(() => onEffects((effects) => effects.some((one) => one.kind === "days") && refresh()), []);
  return (
    <div class="panel-flow board" data-testid="board" data-rank={around.value?.me?.rank ?? ""}>
      <h2 id="board-title">{t.title}</h2>
      {failed.value && (
        <p class="board-note">
          {t.failed}{" "}
          <button type="button" class="quiet" onClick={refresh}>
            {t.again}
          </button>
        </p>
      )}
      {top.value && <Rows board={top.value} />}
      {isGuest.value ? <p class="muted">{t.guest}</p> : <Mine />}
    </div>
  );
}

function Rows({ board }: { board: Board }) {
  const t = boardWords.value;
  const lines = boardLines(board.rows, around.value?.me ? around.value.rows : [], me.value?.user.id);
  if (lines.length === 0) return <p class="empty">{t.empty}</p>;
  return (
    <>
      <table class="ranks" aria-labelledby="board-title">
        <thead>
          <tr>
            <th scope="col">{t.rank}</th>
            <th scope="col">{t.member}</th>
            <th scope="col" class="ranks-number">
              {t.inARow}
            </th>
            <th scope="col" class="ranks-number">
              {t.inAll}
            </th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <RankRow key={"gap" in line ? "gap" : line.row.user.id} line={line} />
          ))}
        </tbody>
      </table>
      <p class="board-note muted">{t.ties}</p>
    </>
  );
}

function RankRow({ line }: { line: Line }) {
  const t = boardWords.value;
  if ("gap" in line)
    return (
      <tr class="ranks-gap">
        <td colSpan={4}>
          <span aria-hidden="true">···</span>
          <span class="unseen">{t.more}</span>
        </td>
      </tr>
    );
  const { rank, user, length, total } = line.row;
  return (
    <tr
      class={`${line.mine ? "ranks-mine" : ""}${rank <= 3 ? ` ranks-${rank}` : ""}`}
      data-testid={line.mine ? "my-rank" : "rank"}
      data-rank={rank}
      aria-current={line.mine ? "true" : undefined}
    >
      <td>
        <span class="ranks-place">{rank}</span>
      </td>
      <th scope="row">
        <span class="ranks-who">
          <Level tier={user.tier} />
          <Name user={user} />
          {line.mine && <span class="row-you">{t.you}</span>}
        </span>
      </th>
      <td class="ranks-number">
        <b>{t.days(length)}</b>
      </td>
      <td class="ranks-number muted">{exact(total)}</td>
    </tr>
  );
}

/** How I stand, and whether others see it. */
function Mine() {
  const t = boardWords.value;
  const hidden = me.value?.settings?.hide_streak ?? false;
  const near = around.value;
  return (
    <section class="board-mine">
      <p data-testid="board-standing">{hidden ? t.hidden : near && top.value && standingText(near)}</p>
      <Toggle label={t.hide} on={hidden} set={(hide_streak) => void choosePrivacy({ hide_streak })} />
      {privacyFailed.value && <p class="hint-strong">{t.notSaved}</p>}
    </section>
  );
}

function standingText(near: Board): string {
  const t = boardWords.value;
  if (!near.me) return t.notOn;
  const ahead = standing(near.rows, near.me, me.value?.user.id);
  if (!ahead) return near.me.rank === 1 ? t.first : "";
  return ahead.days > 0 ? t.ahead(ahead.ahead.user.name, ahead.days) : t.tied(ahead.ahead.user.name);
}
