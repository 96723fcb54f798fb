import { words as shared } from "../shared/i18n";
import { useLate } from "../shared/ui/late";
import { Notice } from "../shared/ui/notice";
import { denied, enterRoom, gapShown, link, room, tooOld, visit } from "./store";
import { words } from "./words";

/** A short loss heals before anybody should read about it. */
const QUIET_MS = 1000;
const PATIENCE_MS = 5000;

type Standing = "loading" | "live" | "reconnecting" | "gap" | "guest" | "closed" | "denied";

/** The one word for how the page stands with the room. */
export function standing(): Standing {
  if (denied.value) return "denied";
  const now = link.value.state;
  if (now !== "open") return now;
  return gapShown.value ? "gap" : "live";
}

/** The slim band that says what is wrong; empty while all is well. */
export function Band() {
  const t = words.value;
  const s = shared.value;
  const state = standing();
  const late = useLate(state, QUIET_MS);
  let text = "";
  if (state === "gap") text = s.missed;
  else if (state === "reconnecting" && late) text = navigator.onLine ? t.reconnecting : s.offline;
  else if (state === "live" && room.value?.storage === "away") text = t.storeAwayLong;
  return (
    <div class={`band band-${state}`} data-testid="connection" data-state={state}>
      {text && <p>{text}</p>}
      {tooOld.value && (
        <p>
          {s.unknownWire}{" "}
          <button type="button" class="quiet" onClick={() => location.reload()}>
            {s.reload}
          </button>
        </p>
      )}
    </div>
  );
}

/** What stands in the console's place when there is none to show. */
export function Gate() {
  const t = words.value;
  const s = shared.value;
  const now = link.value;
  const slow = useLate(now.state, PATIENCE_MS);
  const worth = useLate(now.state, 400);
  if (denied.value)
    return (
      <div class="notice" data-testid="denied">
        <h2>{t.denied}</h2>
        <p>{t.deniedHint}</p>
        <a class="primary" href={`/?room=${encodeURIComponent(visit.room)}`}>
          {t.watch}
        </a>
      </div>
    );
  if (now.state === "guest") return <Notice testid="sign-in" title={t.signIn} text={t.signInHint} />;
  if (now.state === "closed") {
    const title = now.reason === "kicked" ? t.kicked : s.closed(now.reason);
    return (
      <Notice testid="closed" title={title} text={s.closedHint} action={() => location.reload()} code={now.code} />
    );
  }
  if (now.state !== "loading" || !worth) return null;
  if (now.why) return <Notice testid="loading" title={s.delayed(now.why)} text={s.delayedHint} />;
  return slow ? (
    <Notice testid="loading" title={s.stillLoading} text="" action={enterRoom} />
  ) : (
    <Notice testid="loading" title={t.opening} text="" />
  );
}
