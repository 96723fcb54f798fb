import { useEffect, useRef, useState } from "preact/hooks";
import { words } from "../../shared/i18n";
import type { Receipt } from "../../shared/wire";
import { Icon } from "../icons";
import { nameOf } from "../member/card";
import { tab } from "../tabs";
import { NextReward } from "./bar";
import { phase } from "./mark";

const PLAIN_MS = 10_000;

/** The moment after a check-in: what the day earned and what comes next. It takes no focus and covers no picture. */
export function ReceiptCard() {
  const now = phase.value;
  const receipt = now.kind === "done" && !now.receipt.replayed ? now.receipt : null;
  const [closed, close] = useState<string | null>(null);
  const card = useRef<HTMLElement>(null);
  useEffect(() => {
    if (!receipt || rewarded(receipt)) return;
    const timer = setInterval(() => {
      if (!card.current?.matches(":hover, :focus-within")) close(receipt.id);
    }, PLAIN_MS);
    return () => clearInterval(timer);
  }, [receipt]);
  if (!receipt || closed === receipt.id) return null;
  return (
    <aside
      ref={card}
      class={`receipt${rewarded(receipt) ? " receipt-step" : ""}`}
      data-testid="receipt"
      aria-label={words.value.receiptTitle(receipt.streak)}
    >
      <Content receipt={receipt} close={() => close(receipt.id)} />
    </aside>
  );
}

function rewarded(receipt: Receipt): boolean {
  return receipt.rewards.length + receipt.medals.length > 0;
}

function Content({ receipt, close }: { receipt: Receipt; close: () => void }) {
  const t = words.value;
  return (
    <>
      <span class="receipt-mark">
        <Icon name={rewarded(receipt) ? "spark" : "check"} size={26} />
      </span>
      <h3>{t.receiptTitle(receipt.streak)}</h3>
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
          <li key={nameOf(medal)}>
            {t.medal}: <bdi>{nameOf(medal)}</bdi>
          </li>
        ))}
        <li class="muted">{t.balance(receipt.balance)}</li>
      </ul>
      <NextReward />
      <button
        type="button"
        class="quiet"
        onClick={() => {
          tab.value = "checkin";
          close();
        }}
      >
        {t.seeCalendar}
      </button>
    </>
  );
}
