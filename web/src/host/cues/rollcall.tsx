import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { announce } from "../../shared/announce";
import { Refusal } from "../../shared/connection";
import { Icon } from "../../shared/ui/icons";
import { Level } from "../../shared/ui/person";
import { call, explain, ready } from "../store";
import type { Regular } from "../wire";
import { words } from "../words";
import { showCalled } from "./desk";

/** So many are called at once at most. */
const MOST = 5;
const LOOK_MS = 30_000;
const NOT_HERE = 1801;

const regulars = signal<Regular[]>([]);
const chosen = signal<ReadonlySet<string>>(new Set());
const told = signal("");
const calling = signal(false);

/** Regulars who are back; some of them are called by name before the whole room. */
export function RollCall() {
  const t = words.value;
  useEffect(watch, []);
  const picked = regulars.value.filter((one) => chosen.value.has(one.id));
  const stuck = !ready.value || calling.value || picked.length === 0;
  return (
    <details class="fold" data-testid="rollcall" data-count={regulars.value.length} open={regulars.value.length > 0}>
      <summary>
        {t.rollCall}
        {regulars.value.length > 0 && <b class="badge">{regulars.value.length}</b>}
      </summary>
      {regulars.value.length === 0 ? (
        <p class="muted fold-text">
          {t.rollEmpty}{" "}
          <button type="button" class="bare" aria-label={t.refresh} title={t.refresh} onClick={() => void look()}>
            <Icon name="refresh" size={16} />
          </button>
        </p>
      ) : (
        <>
          <p class="muted fold-text">{t.rollHint}</p>
          <ul class="lines roll">
            {regulars.value.map((one) => (
              <RegularLine key={one.id} one={one} full={picked.length >= MOST} />
            ))}
          </ul>
          <div class="roll-end">
            <button
              type="button"
              class="act"
              data-testid="roll-call"
              aria-disabled={stuck}
              onClick={() => !stuck && void callThem(picked)}
            >
              <Icon name="horn" /> {t.call(picked.length)}
            </button>
            <button type="button" class="bare" aria-label={t.refresh} title={t.refresh} onClick={() => void look()}>
              <Icon name="refresh" size={18} />
            </button>
          </div>
        </>
      )}
      <p class="muted fold-text" data-testid="roll-told">
        {told.value}
      </p>
    </details>
  );
}

function RegularLine({ one, full }: { one: Regular; full: boolean }) {
  const on = chosen.value.has(one.id);
  return (
    <li class="line" data-testid="regular" data-user={one.id}>
      <label class="line-text line-choice">
        <input type="checkbox" checked={on} disabled={full && !on} onChange={() => toggle(one.id)} />
        <span>
          <bdi class="name">{one.name}</bdi> <Level tier={one.tier} />
          <small>{words.value.regular(one.days, one.away)}</small>
        </span>
      </label>
    </li>
  );
}

function toggle(user: string): void {
  const next = new Set(chosen.value);
  if (!next.delete(user)) next.add(user);
  chosen.value = next;
}

function watch(): () => void {
  const timer = setInterval(() => {
    if (!document.hidden) void look();
  }, LOOK_MS);
  const stop = ready.subscribe((open) => {
    if (open) void look();
  });
  return () => {
    clearInterval(timer);
    stop();
  };
}

async function look(): Promise<void> {
  if (!ready.peek()) return;
  try {
    const { members } = await call<{ members: Regular[] }>("presence.roster", { filter: "returning" });
    regulars.value = members;
  } catch (error) {
    told.value = error instanceof Refusal && error.code === 103 ? "" : explain(error);
  }
}

async function callThem(users: Regular[]): Promise<void> {
  const t = words.value;
  calling.value = true;
  try {
    await call("host.call", { users: users.map((one) => one.id), key: crypto.randomUUID() });
    chosen.value = new Set();
    told.value = t.called(users.map((one) => one.name).join(", "));
    showCalled(users);
  } catch (error) {
    const gone = error instanceof Refusal && error.code === NOT_HERE;
    told.value = gone ? t.notHere : explain(error);
    if (gone) void look();
  } finally {
    calling.value = false;
    announce(told.value);
  }
}
