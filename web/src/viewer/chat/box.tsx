import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { second } from "../../shared/clock";
import { graphemes, sends } from "../../shared/composition";
import { words } from "../../shared/i18n";
import { choose } from "../../shared/settings";
import { Icon } from "../../shared/ui/icons";
import type { Style } from "../../shared/wire";
import { isGuest, me, ready, room, styles } from "../store";
import { draft, lastText, MOST_GRAPHEMES, openAt, ownStyle, sendDraft, sending, trouble, write } from "./send";

const picking = signal(false);

/** Where the viewer writes. */
export function ChatBox() {
  const guestBarred = isGuest.value && !room.value?.settings.guests_speak;
  return (
    <section class="box" aria-label={words.value.say}>
      {guestBarred ? (
        <p class="box-guest" data-testid="guest">
          <Icon name="person" /> {words.value.guestBox}
        </p>
      ) : (
        <Form />
      )}
    </section>
  );
}

function Form() {
  const t = words.value;
  const length = graphemes(draft.value);
  const wait = Math.max(0, Math.ceil((openAt.value - second.value) / 1000));
  const rule = closedRule();
  const blocked = !ready.value || sending.value || wait > 0 || rule !== null || length > MOST_GRAPHEMES;
  return (
    <form
      class="box-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!blocked) void sendDraft();
      }}
    >
      <StylePicker />
      <div class="box-line">
        <Field blocked={blocked} />
        <button
          type="submit"
          class="send"
          data-testid="send"
          aria-label={t.send}
          aria-disabled={blocked || draft.value.trim() === ""}
        >
          {wait > 0 ? <span class="send-wait">{t.sendIn(wait)}</span> : <Icon name="send" />}
        </button>
      </div>
      <Hint length={length} rule={rule} wait={wait} />
    </form>
  );
}

function Field({ blocked }: { blocked: boolean }) {
  const t = words.value;
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    const area = field.current;
    if (!area) return;
    area.style.height = "auto";
    area.style.height = `${Math.min(area.scrollHeight, 96)}px`;
  }, [draft.value]);
  return (
    <textarea
      ref={field}
      id="say"
      rows={1}
      class="field"
      data-testid="chat-input"
      dir="auto"
      value={draft.value}
      placeholder={t.say}
      aria-label={t.say}
      aria-describedby="say-hint"
      enterkeyhint="send"
      autocomplete="off"
      onInput={(event) => write(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === "ArrowUp" && draft.value === "" && lastText() !== "") write(lastText());
        if (!sends(event)) return;
        event.preventDefault();
        if (!blocked) void sendDraft();
      }}
    />
  );
}

/** Why nobody of my kind may write now, or null. */
function closedRule(): string | null {
  const t = words.value;
  const rules = room.value?.settings;
  if (!rules) return null;
  if (rules.frozen) return t.frozen;
  if (rules.hosts_only) return t.hostsOnly;
  const least = Math.max(rules.min_tier ?? 0, rules.members_only ? 1 : 0);
  return (me.value?.tier.level ?? 0) < least ? t.membersOnly(least) : null;
}

function Hint({ length, rule, wait }: { length: number; rule: string | null; wait: number }) {
  const t = words.value;
  const slow = room.value?.settings.slow_seconds ?? 0;
  let text = rule ?? (wait > 0 ? t.tooFast(wait) : trouble.value);
  const strong = text !== "";
  if (!text && length > MOST_GRAPHEMES) text = t.tooLong(length - MOST_GRAPHEMES);
  else if (!text && length > MOST_GRAPHEMES * 0.8) text = t.length(length, MOST_GRAPHEMES);
  else if (!text && slow > 0) text = t.slow(slow);
  return (
    <p id="say-hint" class={`hint${strong ? " hint-strong" : ""}`} data-testid="chat-hint">
      {text}
    </p>
  );
}

/** The colours of the room: a row of swatches, on a phone behind one button. */
function StylePicker() {
  const t = words.value;
  const own = ownStyle();
  if (styles.value.length < 2) return null;
  return (
    <div class={`styles${picking.value ? " styles-open" : ""}`}>
      <button
        type="button"
        class="styles-button bare"
        aria-expanded={picking.value}
        aria-controls="styles"
        aria-label={t.colour}
        onClick={() => {
          picking.value = !picking.value;
        }}
      >
        <span class="swatch" style={{ backgroundColor: css(own) }} />
      </button>
      <fieldset id="styles" class="swatches" data-testid="styles">
        <legend class="unseen">{t.colour}</legend>
        {styles.value.map((style) => (
          <Swatch key={style.id} style={style} chosen={style.id === own?.id} />
        ))}
        {own && (
          <span class="swatch-name" style={{ color: css(own) }}>
            {t.style(own.id, own.name)}
          </span>
        )}
      </fieldset>
    </div>
  );
}

function Swatch({ style, chosen }: { style: Style; chosen: boolean }) {
  const t = words.value;
  const locked = Boolean(style.locked);
  const name = t.style(style.id, style.name);
  const label = locked ? `${name}: ${t.locked(style.locked?.tier)}` : name;
  return (
    <label class={`swatch-choice${locked ? " swatch-locked" : ""}`} title={label}>
      <input
        type="radio"
        name="style"
        checked={chosen}
        disabled={locked}
        aria-label={label}
        onChange={() => {
          choose({ style: style.id });
          picking.value = false;
        }}
      />
      <span class="swatch" style={{ backgroundColor: css(style) }}>
        {locked && <Icon name="lock" size={12} />}
      </span>
    </label>
  );
}

function css(style: Style | null): string {
  return `#${(style?.color ?? 16777215).toString(16).padStart(6, "0")}`;
}
