import { useEffect, useRef, useState } from "preact/hooks";
import { count, words } from "../../shared/i18n";
import { settings } from "../../shared/settings";
import { Icon } from "../../shared/ui/icons";
import { burst } from "../store";

const SHOWN_MS = 6000;
const PACE_MS = 250;

/** "+37 checked in": all check-ins of a moment in one chip, renewed at most four times a second. */
export function Burst() {
  const [shown, show] = useState(burst.peek());
  const latest = burst.value;
  const due = useRef(0);
  useEffect(() => {
    const timer = setTimeout(
      () => {
        due.current = performance.now() + PACE_MS;
        show(latest);
      },
      Math.max(0, due.current - performance.now()),
    );
    return () => clearTimeout(timer);
  }, [latest]);
  useEffect(() => {
    if (!shown) return;
    const timer = setTimeout(() => show(null), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [shown]);
  if (!shown || !settings.value.celebrations) return <div class="burst-place" />;
  const first = shown.sample?.[0]?.user.name;
  return (
    <div class="burst-place">
      <div class="burst" data-testid="burst" aria-hidden="true">
        <Icon name="check" size={16} />
        <b key={shown.id} class="burst-count">
          {words.value.burst(shown.delta)}
        </b>
        {first && <bdi class="burst-name">{first}</bdi>}
        <span class="burst-today">{words.value.todayInAll(count(shown.today))}</span>
      </div>
    </div>
  );
}
