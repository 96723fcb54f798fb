/** How long a viewer must still be here before he may check in, as the snapshot told it, counted down. */

import { computed } from "@preact/signals";
import { second, serverNow } from "../../shared/clock";
import { checkin } from "../store";

const eligibleAt = computed(() => {
  const wait = checkin.value?.eligible_in ?? 0;
  return wait > 0 ? serverNow() + wait : 0;
});

export function eligibleIn(): number {
  return eligibleAt.value > 0 ? Math.max(0, eligibleAt.value - second.value) : 0;
}
