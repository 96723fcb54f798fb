import type { Seat } from "../../shared/wire";
import { me, slots, stage } from "../store";

/** The viewer's own seat, or his invitation. */
export function seat(): Seat | null {
  return stage.value?.seats.find((one) => one.user.id === me.value?.user.id) ?? null;
}

/** Whose picture and sound are in the main slot, in the host's place, as soon as they come in. */
export function lit(): string | null {
  const now = stage.value;
  const found = now?.seats.find((one) => one.user.id === now.spotlight);
  return found && slots.value?.includes(found.slot) ? found.user.id : null;
}
