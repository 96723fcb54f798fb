/** How long a viewer must still be here before he may check in, as the server told it, counted down. */

import { computed, signal } from "@preact/signals";
import { second, serverNow } from "../../shared/clock";
import { checkin } from "../store";

/** The server's time before which it would refuse the check-in, as its last refusal said. */
const refusedUntil = signal(0);

const eligibleAt = computed(() => {
  const wait = checkin.value?.eligible_in ?? 0;
  return wait > 0 ? serverNow() + wait : 0;
});

/** The server asked for so many more ms. */
export function waitFor(ms: number): void {
  refusedUntil.value = serverNow() + ms;
}

export function eligibleIn(): number {
  const at = Math.max(eligibleAt.value, refusedUntil.value);
  return at > 0 ? Math.max(0, at - second.value) : 0;
}
