import { Icon } from "../../shared/ui/icons";
import type { Card } from "../model";
import { missed, ready } from "../store";
import { words } from "../words";
import { answer } from "./desk";
import { scriptOf } from "./script";
import { sendCard, sending, write } from "./shout";

/** What nobody took up in time; one click makes a written shout-out of it. */
export function MissedList() {
  const t = words.value;
  const cards = missed.value;
  return (
    <details class="fold" data-testid="missed" data-count={cards.length} open={cards.length > 0 && cards.length < 4}>
      <summary>{cards.length === 0 ? t.missedNone : t.missed(cards.length)}</summary>
      <ul class="lines">
        {[...cards].reverse().map((card) => (
          <MissedLine key={card.id} card={card} />
        ))}
      </ul>
    </details>
  );
}

function MissedLine({ card }: { card: Card }) {
  const t = words.value;
  const stuck = !ready.value || sending.value;
  const shout = () => {
    if (stuck) return;
    if (card.count > 1) write(card.user, card);
    else void sendCard(card);
  };
  return (
    <li class="line" data-testid="missed-cue">
      <span class="line-text">
        <small>{t.kind[card.kind]}</small>
        <bdi>{scriptOf(card)}</bdi>
      </span>
      <button type="button" class="quiet" data-testid="missed-shout" aria-disabled={stuck} onClick={shout}>
        <Icon name="horn" size={16} /> {t.shoutOut}
      </button>
      <button
        type="button"
        class="bare"
        aria-label={t.dismiss}
        title={t.dismiss}
        onClick={() => void answer(card, "skipped")}
      >
        <Icon name="close" size={18} />
      </button>
    </li>
  );
}
