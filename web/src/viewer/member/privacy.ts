/** What a member lets others see of him; kept by the room, not by this device. */

import { signal } from "@preact/signals";
import { Refusal } from "../../shared/connection";
import { warn } from "../../shared/warn";
import type { MemberSettings } from "../../shared/wire";
import { call, dispatch } from "../store";

export const privacyFailed = signal(false);

/** Changes it; what is shown changes only once the room has stored it. */
export async function choosePrivacy(change: Partial<MemberSettings>): Promise<void> {
  privacyFailed.value = false;
  try {
    const settings = await call<MemberSettings>("effects.settings", { ...change, key: crypto.randomUUID() });
    dispatch({ kind: "chosen", settings });
  } catch (error) {
    if (!(error instanceof Refusal)) warn("the privacy settings could not be saved", error);
    privacyFailed.value = true;
  }
}
