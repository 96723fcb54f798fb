import { words } from "../shared/i18n";
import { useLate } from "../shared/ui/late";
import { gapShown, isGuest, link, room, tooOld } from "./store";

/** A short loss heals before anybody should read about it. */
const QUIET_MS = 1000;

/** The one word for how the page stands with the room, for tests and styles. */
function standing(): "loading" | "live" | "reconnecting" | "gap" | "guest" | "closed" {
  const now = link.value.state;
  if (now !== "open") return now;
  if (gapShown.value) return "gap";
  return isGuest.value ? "guest" : "live";
}

/** The slim band that says what is wrong with the connection; empty while all is well. */
export function ConnectionBand() {
  const t = words.value;
  const state = standing();
  const late = useLate(state, QUIET_MS);
  let text = "";
  if (state === "gap") text = t.missed;
  else if (state === "reconnecting" && late) text = navigator.onLine ? t.reconnecting : t.offline;
  else if (state === "live" && room.value?.storage === "away") text = t.storageAway;
  return (
    <div class={`band band-${state}`} data-testid="connection" data-state={state}>
      {text && <p>{text}</p>}
      {tooOld.value && (
        <p>
          {t.unknownWire}{" "}
          <button type="button" class="quiet" onClick={() => location.reload()}>
            {t.reload}
          </button>
        </p>
      )}
    </div>
  );
}
