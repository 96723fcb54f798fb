/** What the platform shows in the room, read from data that only the platform knows; what cannot be read is not shown. */

import type { AppEvent } from "../../shared/wire";

/** A product on show (`app.product`): where it can be seen and bought, if at all, is an https address. */
export interface Product {
  id: string;
  title: string;
  price: string;
  was: string;
  note: string;
  image: string | null;
  url: string | null;
}

/** One line of the shop's: somebody ordered something, or any other news. */
export interface Notice {
  what: "order" | "product" | "news";
  /** Who ordered; empty where the shop does not say. */
  name: string;
  title: string;
  count: number;
}

export type Shown = { product: Product | null; notice: Notice | null };

const LONGEST = 120;

/** Reads one of the platform's events; null where it means nothing to this page. */
export function readShop(event: AppEvent): Shown | null {
  const data = event.data ?? {};
  if (event.type === "app.product_closed") return { product: null, notice: null };
  const title = words(data.title) || words(data.text);
  if (!title) return null;
  switch (event.type) {
    case "app.product":
      return {
        product: toProduct(event.id, title, data),
        notice: { what: "product", name: "", title, count: 1 },
      };
    case "app.order":
      return { product: null, notice: { what: "order", name: nameOf(data.user), title, count: countOf(data.count) } };
    default:
      return { product: null, notice: { what: "news", name: "", title, count: 1 } };
  }
}

function toProduct(id: string, title: string, data: Record<string, unknown>): Product {
  return {
    id,
    title,
    price: money(data.price, data.currency),
    was: money(data.was, data.currency),
    note: words(data.note),
    image: address(data.image),
    url: address(data.url),
  };
}

function words(value: unknown): string {
  return typeof value === "string" ? value.trim().slice(0, LONGEST) : "";
}

function nameOf(user: unknown): string {
  if (typeof user === "object" && user !== null && "name" in user) return words(user.name);
  return words(user);
}

function countOf(value: unknown): number {
  return typeof value === "number" && Number.isInteger(value) && value > 0 ? value : 1;
}

/** An amount with its currency (ISO 4217) as the shop's readers write it; a text stays as it is. */
function money(amount: unknown, currency: unknown): string {
  if (typeof amount !== "number" || !Number.isFinite(amount)) return words(amount);
  const code = words(currency);
  if (!/^[A-Z]{3}$/.test(code)) return String(amount);
  return new Intl.NumberFormat(undefined, {
    style: "currency",
    currency: code,
    currencyDisplay: "narrowSymbol",
  }).format(amount);
}

function address(value: unknown): string | null {
  if (typeof value !== "string" || !URL.canParse(value)) return null;
  return new URL(value).protocol === "https:" ? value : null;
}
