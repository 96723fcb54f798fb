import { second } from "../../shared/clock";
import { moment } from "../../shared/i18n";
import { lift } from "../chat/moderate";
import { banned, muted } from "../store";
import type { Sanction } from "../wire";
import { words } from "../words";

/** Who may not speak or come, as far as the room tells, and the way back for them. */
export function Sanctions() {
  const t = words.value;
  const holds = (one: Sanction) => one.until === null || one.until > second.value;
  const silent = muted.value.filter(holds);
  const out = banned.value.filter(holds);
  const all = silent.length + out.length;
  return (
    <details class="fold" data-testid="sanctions" data-count={all} open={all > 0}>
      <summary>
        {t.sanctions}
        {all > 0 && <b class="badge">{all}</b>}
      </summary>
      {all === 0 && <p class="muted fold-text">{t.noSanctions}</p>}
      <Group title={t.mutedHere} all={silent} how="unmute" word={t.unmute} />
      <Group title={t.bannedSince} all={out} how="unban" word={t.unban} />
    </details>
  );
}

function Group({ title, all, how, word }: { title: string; all: Sanction[]; how: "unmute" | "unban"; word: string }) {
  const t = words.value;
  if (all.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <ul class="lines">
        {all.map(({ user, until, reason }) => (
          <li key={user.id} class="line" data-testid={`${how}-line`} data-user={user.id}>
            <span class="line-text">
              <bdi class="name">{user.name}</bdi>
              <small>
                {until === null ? t.forGood : t.until(moment(until, second.value))}
                {reason && <bdi> · {reason}</bdi>}
              </small>
            </span>
            <button type="button" class="quiet" data-testid={how} onClick={() => void lift(how, user)}>
              {word}
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
