import { useEffect } from "preact/hooks";
import { exact } from "../../shared/i18n";
import type { Card, Item } from "../../shared/wire";
import { deal, items, loadItems, take } from "./spend";
import { memberWords } from "./words";

/** What points are spent on. */
export function Offer({ card }: { card: Card }) {
  const t = memberWords.value;
  const { level } = card.tier;
  useEffect(() => {
    deal.value = { kind: "idle" };
    void loadItems();
  }, [level]);
  if (items.value.length === 0) return null;
  return (
    <section aria-labelledby="offer-title">
      <h2 id="offer-title">{t.offer}</h2>
      <ul class="offer" data-testid="offer">
        {items.value.map((item) => (
          <Line key={item.id} item={item} card={card} />
        ))}
      </ul>
      <p class="offer-said" role="status" data-testid="offer-said">
        {outcome()}
      </p>
    </section>
  );
}

function Line({ item, card }: { item: Item; card: Card }) {
  const t = memberWords.value;
  const hindrance = whyNot(item, card);
  const { kind } = deal.value;
  const mine = kind !== "idle" && deal.value.item === item.id;
  const asked = mine && kind === "asked";
  return (
    <li data-item={item.id}>
      <span class="offer-what">
        <bdi>{item.title}</bdi>
        <small class="muted">{[t.points(item.price), ...limits(item)].join(" · ")}</small>
      </span>
      <button
        type="button"
        class={asked ? "offer-take offer-sure" : "offer-take"}
        aria-disabled={hindrance !== "" || kind === "taking"}
        aria-label={`${asked ? t.sure(item.price) : t.take}: ${item.title}`}
        title={hindrance}
        onClick={() => {
          if (hindrance !== "" || kind === "taking") return;
          if (asked) void take(item);
          else deal.value = { kind: "asked", item: item.id };
        }}
      >
        {mine && kind === "taking" ? "…" : asked ? t.sure(item.price) : hindrance || t.take}
      </button>
    </li>
  );
}

function limits({ left, mine }: Item): string[] {
  const t = memberWords.value;
  return [...(left === undefined ? [] : [t.left(left)]), ...(mine === undefined ? [] : [t.forMe(mine)])];
}

/** What keeps somebody from an item; nothing where he may take it. */
function whyNot({ price, tier = 0, left, mine }: Item, { points, tier: { level } }: Card): string {
  const t = memberWords.value;
  if (left === 0) return t.gone;
  if (mine === 0) return t.had;
  if (level < tier) return t.needs(tier);
  return points < price ? t.missing(exact(price - points)) : "";
}

function outcome(): string {
  const t = memberWords.value;
  const now = deal.value;
  if (now.kind === "taken") return t.taken(now.title);
  if (now.kind !== "refused") return "";
  return { 1300: t.tooFew, 1303: t.gone, 1304: t.had }[now.code] ?? t.notTaken;
}
