import { useState } from "preact/hooks";
import { second } from "../shared/clock";
import { useLate } from "../shared/ui/late";
import { look, standing, trying, unlock, waiting } from "./reader";
import { words } from "./words";

const WORTH_SAYING_MS = 400;

/** What stands in place of the figures: the question for the key, or why there are none. */
export function Gate() {
  const t = words.value;
  const now = standing.value;
  const late = useLate(now, WORTH_SAYING_MS);
  if (now === "loading") return late ? <p class="ops-notice muted">{t.opening}</p> : null;
  if (now === "elsewhere") return <Said testid="elsewhere" title={t.elsewhere} text={t.elsewhereHint} />;
  if (now === "silent") return <Said testid="silent" title={t.silent} text={t.silentHint} />;
  return <KeyForm />;
}

function Said({ testid, title, text }: { testid: string; title: string; text: string }) {
  return (
    <div class="ops-notice" data-testid={testid}>
      <h2>{title}</h2>
      <p class="muted">{text}</p>
    </div>
  );
}

function KeyForm() {
  const t = words.value;
  const [key, setKey] = useState("");
  const refused = standing.value === "wrong" || standing.value === "wait";
  const why = standing.value === "wrong" ? t.wrong : t.wait(waiting.value);
  const fault = refused && !trying.value ? why : ""; // taken away meanwhile, so that it is heard again
  return (
    <form
      class="ops-notice"
      data-testid="locked"
      onSubmit={(event) => {
        event.preventDefault();
        if (key.trim() === "") look();
        else unlock(key);
      }}
    >
      <h2>{t.locked}</h2>
      <p class="muted" id="key-hint">
        {t.lockedHint}
      </p>
      <label class="ops-key">
        <span>{t.key}</span>
        <input
          type="password"
          autocomplete="off"
          spellcheck={false}
          data-testid="key"
          aria-describedby="key-hint key-fault"
          aria-invalid={refused}
          value={key}
          onInput={(event) => setKey(event.currentTarget.value)}
        />
      </label>
      <p class="ops-fault" id="key-fault" role="alert" data-testid="key-fault">
        {fault}
      </p>
      <button type="submit" class="primary" data-testid="key-open">
        {t.open}
      </button>
    </form>
  );
}

/** The server has stopped answering: how long ago it last did. */
export function Stale({ since }: { since: number }) {
  const past = Math.max(0, Math.round((second.value - since) / 1000));
  return (
    <p class="ops-stale" data-testid="stale">
      {words.value.stale(past)}
    </p>
  );
}
