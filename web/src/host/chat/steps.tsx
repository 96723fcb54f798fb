import { useEffect, useState } from "preact/hooks";
import { words } from "../words";
import { type Step, steps } from "./moderate";

/** What was just done or is about to be done, with the way back. */
export function Steps() {
  return (
    <div class="steps" data-testid="steps">
      {steps.value.map((step) => (
        <StepLine key={step.id} step={step} />
      ))}
    </div>
  );
}

function StepLine({ step }: { step: Step }) {
  const t = words.value;
  const left = useSeconds(step.endsAt);
  return (
    <p class={`step${step.failed ? " step-failed" : ""}`} data-testid="step">
      <bdi>
        {step.text} {step.now && left > 0 && t.inSeconds(left)}
      </bdi>
      {step.undo && (
        <button type="button" class="quiet" data-testid="undo" onClick={step.undo}>
          {t.undo}
        </button>
      )}
      {step.now && (
        <button type="button" class="quiet" data-testid="now" onClick={step.now}>
          {t.now}
        </button>
      )}
    </p>
  );
}

function useSeconds(until: number): number {
  const [left, set] = useState(() => until - Date.now());
  useEffect(() => {
    const timer = setInterval(() => set(until - Date.now()), 500);
    return () => clearInterval(timer);
  }, [until]);
  return Math.max(0, Math.ceil(left / 1000));
}
