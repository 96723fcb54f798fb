import { useEffect, useRef } from "preact/hooks";
import { second } from "../../shared/clock";
import { graphemes, sends } from "../../shared/composition";
import { lasting, moment, words } from "../../shared/i18n";
import { Icon } from "../../shared/ui/icons";
import { lazy } from "../../shared/ui/lazy";
import { pen, togglePen } from "../pen/open";
import { cssColor } from "../pen/style";
import { emotes, isGuest, ready, room, styles } from "../store";
import { minutesLeft } from "./rules";
import {
  bar,
  draft,
  lastText,
  MOST_GRAPHEMES,
  openAt,
  ownMode,
  ownStyle,
  sendDraft,
  sending,
  trouble,
  write,
} from "./send";

const Pen = lazy(() => import("../pen/pen").then((part) => part.Pen));

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
  const blocked = !ready.value || sending.value || wait > 0 || bar.value !== null || length > MOST_GRAPHEMES;
  return (
    <form
      class="box-form"
      data-bar={bar.value?.why ?? ""}
      onSubmit={(event) => {
        event.preventDefault();
        if (!blocked) void sendDraft();
      }}
    >
      {pen.value && <Pen />}
      <Hint length={length} wait={wait} />
      <div class="tools">
        {styles.value.length > 1 && <StyleButton />}
        {emotes.value.length > 0 && <EmoteButton />}
      </div>
      <div class="box-line">
        <Field blocked={blocked} />
        <button
          type="submit"
          class="send"
          data-testid="send"
          aria-label={wait > 0 ? t.sendIn(wait) : t.send}
          aria-disabled={blocked || draft.value.trim() === ""}
        >
          {wait > 0 ? <span class="send-wait">{t.seconds(wait)}</span> : <Icon name="send" />}
        </button>
      </div>
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
      placeholder={t.sayShort}
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

/** Why nobody of my kind may write now, or nothing. */
function barText(): string {
  const t = words.value;
  const now = bar.value;
  if (!now) return "";
  switch (now.why) {
    case "muted": {
      if (now.until === null) return t.mutedForGood(now.reason);
      const left = lasting(minutesLeft(now.until, second.value));
      return t.muted(moment(now.until, second.value), now.reason, left);
    }
    case "tier":
      return t.membersOnly(now.least);
    default:
      return { hosts_only: t.hostsOnly, frozen: t.frozen, emotes_only: t.emotesOnly }[now.why];
  }
}

function Hint({ length, wait }: { length: number; wait: number }) {
  const t = words.value;
  const slow = room.value?.settings.slow_seconds ?? 0;
  let text = barText();
  if (!text && wait > 0) text = slow > 0 ? t.slowWait(wait, slow) : t.tooFast(wait);
  if (!text) text = trouble.value;
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

/** How my messages look: the colour's swatch and, where there is room, its name and way. */
function StyleButton() {
  const t = words.value;
  const own = ownStyle();
  const name = own ? t.style(own.id, own.name) : "";
  const way = ownMode() === 1 ? "" : t.modes[ownMode() as 4 | 5];
  return (
    <button
      type="button"
      id="pen-style"
      class="tool"
      data-testid="style-open"
      aria-expanded={pen.value === "style"}
      aria-label={`${t.colour}: ${[name, way].filter(Boolean).join(", ")}`}
      onClick={() => togglePen("style")}
    >
      <span class="swatch" style={{ backgroundColor: cssColor(own) }} />
      <span class="tool-name">
        <span>{name}</span>
        {way && <span class="muted">{way}</span>}
      </span>
    </button>
  );
}

function EmoteButton() {
  const t = words.value;
  return (
    <button
      type="button"
      id="pen-emotes"
      class="tool"
      data-testid="emotes-open"
      aria-expanded={pen.value === "emotes"}
      aria-label={t.emotes}
      title={t.emotes}
      onClick={() => togglePen("emotes")}
    >
      <Icon name="smile" size={22} />
      <span class="tool-name">{t.emotes}</span>
    </button>
  );
}
