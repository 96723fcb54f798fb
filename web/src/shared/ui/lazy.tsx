import { signal } from "@preact/signals";
import type { ComponentType, JSX } from "preact";
import { words } from "../i18n";
import { warn } from "../warn";

const parts: (() => void)[] = [];

/**
 * A part of the page that is loaded when it is first shown, or by `loadParts`; its place stays empty meanwhile. Where the
 * network fails it can be asked for again.
 */
export function lazy<P extends object>(load: () => Promise<ComponentType<P>>): (props: P) => JSX.Element | null {
  const part = signal<ComponentType<P> | null>(null);
  const failed = signal(false);
  let asked = false;
  const ask = (wanted: boolean) => {
    if (asked) return;
    asked = true;
    failed.value = false;
    load().then(
      (loaded) => {
        part.value = loaded;
      },
      (error) => {
        asked = false;
        if (!wanted) return; // it will be asked for again when it is shown
        warn("a part of the page could not be loaded", error);
        failed.value = true;
      },
    );
  };
  parts.push(() => ask(false));
  return function Part(props: P) {
    const Loaded = part.value;
    if (Loaded) return <Loaded {...props} />;
    if (!failed.value) ask(true);
    return failed.value ? <Failed again={() => ask(true)} /> : null;
  };
}

function Failed({ again }: { again: () => void }) {
  return (
    <div class="failed" data-testid="failed">
      <p>{words.value.partFailed}</p>
      <button type="button" class="quiet" onClick={again}>
        {words.value.reloadPart}
      </button>
    </div>
  );
}

/** Loads what may be wanted soon, one part after another, while the page has nothing better to do. */
export function loadParts(): void {
  const next = navigator.onLine ? parts.shift() : undefined;
  if (!next) return;
  next();
  setTimeout(loadParts, 300);
}
