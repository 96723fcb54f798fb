/** Taking an item for points: one key per attempt, tried until the room has answered. */

import { signal } from "@preact/signals";
import { Refusal } from "../../shared/connection";
import { storage } from "../../shared/storage";
import { warn } from "../../shared/warn";
import type { Item, ItemsReply, Redeemed } from "../../shared/wire";
import { call, me, visit } from "../store";

/** The first tap asks, the second takes. */
export type Deal =
  | { kind: "idle" }
  | { kind: "asked"; item: string }
  | { kind: "taking"; item: string }
  | { kind: "taken"; item: string; title: string }
  | { kind: "refused"; item: string; code: number };

export const items = signal<Item[]>([]);
export const deal = signal<Deal>({ kind: "idle" });

const PASSING = [100, 111, 1003, 1004, 1010];
const kept = storage("sessionStorage");
const TRIES = 4;
const PAUSE_MS = 1500;

export async function loadItems(): Promise<void> {
  try {
    items.value = (await call<ItemsReply>("membership.items")).items;
  } catch (error) {
    if (!(error instanceof Refusal)) warn("what is on offer could not be loaded", error);
  }
}

/** Takes the item that was asked about; nothing is shown as taken before the room has stored it. */
export async function take({ id }: Item): Promise<void> {
  if (deal.value.kind === "taking") return;
  deal.value = { kind: "taking", item: id };
  const slot = `roomserver.redeem.${visit.room}.${me.value?.user.id}.${id}`;
  const key = kept.getItem(slot) ?? crypto.randomUUID();
  kept.setItem(slot, key); // what got no answer may have been done: the same key tells, also after a reload
  try {
    const { redemption } = await untilAnswered(id, key);
    kept.removeItem(slot);
    deal.value = { kind: "taken", item: id, title: redemption.title };
  } catch (error) {
    if (!(error instanceof Refusal)) warn("an item could not be taken", error);
    if (error instanceof Refusal && !isPassing(error)) kept.removeItem(slot);
    deal.value = { kind: "refused", item: id, code: error instanceof Refusal ? error.code : 0 };
  }
  await loadItems();
}

async function untilAnswered(item: string, key: string): Promise<Redeemed> {
  for (let tries = 1; ; tries++) {
    try {
      return await call<Redeemed>("membership.redeem", { item, key });
    } catch (error) {
      if (!(error instanceof Refusal) || !isPassing(error) || tries === TRIES) throw error;
      const wait = Math.max(PAUSE_MS, error.retryIn ?? 0);
      await new Promise((done) => setTimeout(done, wait));
    }
  }
}

/** What failed is the way to the store, or the connection: the same key answers later. */
function isPassing({ code }: Refusal): boolean {
  return code < 100 || PASSING.includes(code);
}
