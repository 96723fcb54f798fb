import type { Seat } from "../../shared/wire";
import { me, stage } from "../store";

/** The viewer's own seat, or his invitation. */
export function seat(): Seat | null {
  return stage.value?.seats.find((one) => one.user.id === me.value?.user.id) ?? null;
}
