import { effect, signal } from "@preact/signals";
import { announce } from "../../shared/announce";
import { Refusal } from "../../shared/connection";
import { warn } from "../../shared/warn";
import { call, ready } from "../store";
import { seat } from "./seat";
import { stageWords } from "./stage-words";

/** The refusal where too many ask already. */
const FULL = 1104;

const raised = signal(false);
const full = signal(false);

/** A member's wish to come on stage, as a switch; hosts see who has it. */
export function Hand() {
  const t = stageWords.value;
  const up = raised.value;
  const said = up ? t.handIsUp : full.value ? t.handsFull : "";
  const does = up ? t.handDown : t.handUp;
  return (
    <button
      type="button"
      class="plate hand"
      data-testid="hand"
      data-full={full.value}
      aria-pressed={up}
      aria-label={said ? `${said}: ${does}` : does}
      title={does}
      onClick={() => void raise(!up)}
    >
      <svg class="icon" width="20" height="20" viewBox="0 0 24 24" aria-hidden="true">
        <path d="M8 12.500V6a1.500 1.500 0 0 1 3 0v5V4.500a1.500 1.500 0 0 1 3 0V11V6a1.500 1.500 0 0 1 3 0v8c0 4-2.500 6.500-6 6.500-3 0-4.500-1.500-6-4.500l-1.500-3c1.500-1.500 3-1 4.500 1.500" />
      </svg>
      {said && <span>{said}</span>}
    </button>
  );
}

async function raise(up: boolean): Promise<void> {
  try {
    await call("stage.raise", { down: !up });
    raised.value = up;
    full.value = false;
    announce(up ? stageWords.value.handIsUp : stageWords.value.handIsDown);
  } catch (error) {
    if (up) raised.value = false; // one that could not be taken down is still up
    full.value = error instanceof Refusal && error.code === FULL;
    if (full.value) announce(stageWords.value.handsFull);
    else warn("the hand was not raised", error);
  }
}

// Who was away for longer than his grace has his hand taken down: it goes up again with him.
effect(() => {
  if (ready.value && raised.peek()) void raise(true);
});

// Who has a seat, or is asked to one, wants nothing more.
effect(() => {
  if (seat() !== null) raised.value = false;
});
