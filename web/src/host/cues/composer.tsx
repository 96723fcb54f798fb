import { useEffect, useRef } from "preact/hooks";
import { second } from "../../shared/clock";
import { sends } from "../../shared/composition";
import { span } from "../../shared/i18n";
import { Icon } from "../../shared/ui/icons";
import { ready, thanked } from "../store";
import { words } from "../words";
import { cooling, type Draft, draft, drop, result, send, sending, sent, text, trouble } from "./shout";

/** Where a shout-out is written, and where its reach is told. */
export function Composer() {
  const now = draft.value;
  if (now) return <Form now={now} key={now.key} />;
  return sent.value && <Result />;
}

function Result() {
  const t = words.value;
  const last = sent.value;
  if (!last) return null;
  return (
    <p class="reach" data-testid="shout-result" data-reached={last.reached}>
      <Icon name="horn" />
      <span>
        <bdi>{t.shoutTo(last.name)}</bdi> <b>{result(last)}</b>
      </span>
    </p>
  );
}

function Form({ now }: { now: Draft }) {
  const t = words.value;
  const field = useRef<HTMLTextAreaElement>(null);
  const form = useRef<HTMLFormElement>(null);
  const opener = useRef(document.activeElement);
  useEffect(() => {
    field.current?.focus({ preventScroll: true });
    form.current?.scrollIntoView({ block: "nearest" });
    return () => back(opener.current);
  }, []);
  const wait = waiting(now.to.id);
  const blocked = !ready.value || sending.value || wait > 0 || text.value.trim() === "";
  return (
    <form
      ref={form}
      class="composer"
      data-testid="shout"
      onSubmit={(event) => {
        event.preventDefault();
        if (!blocked) void send();
      }}
      onKeyDown={(event) => event.key === "Escape" && drop()}
    >
      <h3>
        <Icon name="horn" /> <bdi>{t.shoutTo(now.to.name)}</bdi>
      </h3>
      {now.users.length > 1 && <Whom now={now} />}
      <Thanked user={now.to.id} />
      <textarea
        ref={field}
        class="entry"
        data-testid="shout-text"
        rows={2}
        dir="auto"
        aria-label={t.shoutText}
        value={text.value}
        onInput={(event) => {
          text.value = event.currentTarget.value;
        }}
        onKeyDown={(event) => {
          if (!sends(event)) return;
          event.preventDefault();
          if (!blocked) void send();
        }}
      />
      <p class="trouble" data-testid="shout-trouble">
        {wait > 0 ? t.thankAgain(span(wait)) : cooled(now.to.id) ? "" : trouble.value}
      </p>
      <div class="composer-acts">
        <button type="submit" class="primary" data-testid="shout-send" aria-disabled={blocked}>
          {sending.value ? t.sending : t.send}
        </button>
        <button type="button" class="quiet" onClick={drop}>
          {t.cancel}
        </button>
      </div>
    </form>
  );
}

/** How long (ms) a person cannot be thanked again. */
function waiting(user: string): number {
  return cooled(user) ? Math.max(0, (cooling.value?.until ?? 0) - second.value) : 0;
}

/** Whether the last refusal was for this person's sake: it is told as a countdown, and no more when that is over. */
function cooled(user: string): boolean {
  return cooling.value?.user === user;
}

/** Gives the focus back to what opened the composer, or to the card when that is gone. */
function back(opener: Element | null): void {
  const target = opener?.isConnected && opener !== document.body ? opener : document.getElementById("cue");
  if (target instanceof HTMLElement) target.focus({ preventScroll: true });
}

function Whom({ now }: { now: Draft }) {
  return (
    <fieldset class="whom">
      <legend class="unseen">{words.value.toWhom}</legend>
      <span class="segments">
        {now.users.map((user) => (
          <label key={user.id} class="segment">
            <input
              type="radio"
              name="whom"
              checked={user.id === now.to.id}
              onChange={() => {
                draft.value = { ...now, to: user };
              }}
            />
            <span>
              <bdi>{user.name}</bdi>
            </span>
          </label>
        ))}
      </span>
    </fieldset>
  );
}

/** Says when somebody was thanked a while ago: a second time in a row is seldom meant. */
function Thanked({ user }: { user: string }) {
  const at = thanked.value.get(user);
  if (at === undefined) return null;
  return <p class="thanked">{words.value.thankedAgo(span(Math.max(1000, second.value - at)))}</p>;
}
