import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { words } from "../../shared/i18n";
import { Icon } from "../../shared/ui/icons";
import type { Receipt } from "../../shared/wire";
import { tab } from "../tab";
import { NextReward } from "./bar";
import { phase } from "./mark";

const PLAIN_MS = 10_000;

const closed = signal<string | null>(null);

/**
 * The moment after a check-in: what the day earned and what comes next. It takes no focus and covers no picture: it lies
 * over the chat, or `inline` on top of its own panel.
 */
export function ReceiptCard({ inline = false }: { inline?: boolean }) {
  const now = phase.value;
  const receipt = now.kind === "done" && !now.old ? now.receipt : null;
  const card = useRef<HTMLElement>(null);
  useEffect(() => {
    if (!receipt || rewarded(receipt)) return;
    const timer = setInterval(() => {
      if (!card.current?.matches(":hover, :focus-within")) closed.value = receipt.id;
    }, PLAIN_MS);
    return () => clearInterval(timer);
  }, [receipt]);
  if (!receipt || closed.value === receipt.id) return null;
  return (
    <aside
      ref={card}
      class={`receipt${inline ? " receipt-inline" : ""}${rewarded(receipt) ? " receipt-step" : ""}`}
      data-testid="receipt"
      aria-label={words.value.receiptTitle(receipt.streak)}
    >
      <Content receipt={receipt} inline={inline} />
    </aside>
  );
}

function rewarded(receipt: Receipt): boolean {
  return receipt.rewards.length + receipt.medals.length > 0;
}

function Content({ receipt, inline }: { receipt: Receipt; inline: boolean }) {
  const t = words.value;
  const close = () => {
    closed.value = receipt.id;
  };
  return (
    <>
      <span class="receipt-mark">
        <Icon name={rewarded(receipt) ? "spark" : "check"} size={26} />
      </span>
      <h2>{t.receiptTitle(receipt.streak)}</h2>
      <button type="button" class="bare receipt-close" aria-label={t.close} onClick={close}>
        <Icon name="close" size={18} />
      </button>
      <ul class="earned">
        {receipt.points > 0 && <li class="earned-points">{t.plusPoints(receipt.points)}</li>}
        {receipt.rewards.map((reward) => (
          <li key={reward.id}>
            <bdi>{reward.title}</bdi>
          </li>
        ))}
        {receipt.medals.map((medal) => (
          <li key={medal.id}>
            {t.medal}: <bdi>{medal.title}</bdi>
          </li>
        ))}
        <li class="muted">{t.balance(receipt.balance)}</li>
      </ul>
      {!inline && <NextReward />}
      {!inline && (
        <button
          type="button"
          class="quiet"
          onClick={() => {
            tab.value = "checkin";
          }}
        >
          {t.seeCalendar}
        </button>
      )}
    </>
  );
}
