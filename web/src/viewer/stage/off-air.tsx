import { second } from "../../shared/clock";
import { moment, span, words } from "../../shared/i18n";
import { checkin, isGuest, room } from "../store";
import { offAirWords } from "./words";

/** What stands over the picture when nothing is on: the right place, since when not, when next, and what works. */
export function OffAir() {
  const t = words.value;
  const own = offAirWords.value;
  const current = room.value;
  const next = current?.schedule?.next_at ?? null;
  const today = isGuest.value ? null : checkin.value;
  const lasted = current?.ended_at && current.live_since ? current.ended_at - current.live_since : 0;
  return (
    <div class="off-air" data-testid="off-air">
      <h2>{current?.ended_at ? t.ended : own.notLive}</h2>
      <p>{own.rightPlace(current?.title || (current?.id ?? ""))}</p>
      <p>{next === null ? own.nextUnknown : t.nextAt(moment(next, second.value))}</p>
      {lasted > 0 && <p>{own.endedAfter(span(lasted))}</p>}
      {today?.done && <p class="off-air-mine">{own.youToday(today.current)}</p>}
      <p class="muted">{own.worksOffAir}</p>
    </div>
  );
}
