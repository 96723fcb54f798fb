import { useSignalEffect } from "@preact/signals";
import { lang } from "../shared/i18n";
import { reducedMotion } from "../shared/settings";
import { Boundary } from "../shared/ui/boundary";
import { LanguageSwitch } from "../shared/ui/language";
import { Gate, Stale } from "./gate";
import { Counters } from "./panels/counters";
import { Figures } from "./panels/figures";
import { Undone } from "./panels/undone";
import { Verdicts } from "./panels/verdicts";
import { history, looked, standing } from "./reader";
import { words } from "./words";

/** The whole page: how the server is, what it does, and what it did not do. */
export function App() {
  const last = history.value.recent.at(-1);
  const open = last && (standing.value === "open" || standing.value === "silent");
  useSignalEffect(() => {
    document.documentElement.lang = lang.value === "zh" ? "zh-Hans" : "en";
    document.documentElement.dataset.motion = reducedMotion() ? "reduced" : "full";
    document.title = `${words.value.title} · roomserver`;
  });
  return (
    <main class="ops" data-testid="ops" data-standing={standing.value} data-looks={looked.value}>
      <Header />
      {!open && <Gate />}
      {open && (
        <>
          {standing.value === "silent" && <Stale since={last.at} />}
          <div class={standing.value === "silent" ? "panels panels-old" : "panels"}>
            <Boundary name="verdicts">
              <Verdicts reading={last} />
            </Boundary>
            <Boundary name="figures">
              <Figures course={history.value.course} />
            </Boundary>
            <Boundary name="undone">
              <Undone history={history.value} />
            </Boundary>
            <Boundary name="counters">
              <Counters reading={last} />
            </Boundary>
          </div>
        </>
      )}
    </main>
  );
}

function Header() {
  const t = words.value;
  const version = history.value.recent.at(-1)?.readiness.version;
  return (
    <header class="ops-head">
      <h1>{t.title}</h1>
      {version && <span class="muted">{t.version(version)}</span>}
      <LanguageSwitch />
    </header>
  );
}
