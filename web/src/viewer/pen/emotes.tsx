import { second } from "../../shared/clock";
import { settings } from "../../shared/settings";
import { Icon } from "../../shared/ui/icons";
import type { Emote } from "../../shared/wire";
import { bar, openAt, sendEmote, sending } from "../chat/send";
import { emoteName } from "../emotes";
import { emotes, ready } from "../store";
import { closePen } from "./open";
import { rove } from "./style";
import { penWords } from "./words";

/** The emotes, those used last first, then pack by pack; a tap sends one. */
export function EmotePicker() {
  const t = penWords.value;
  const all = emotes.value;
  const recent = settings.value.recentEmotes.flatMap((id) => all.filter((one) => one.id === id && !one.locked));
  const packs = [...new Set(all.map((emote) => emote.pack))];
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys go to the buttons inside
    <div
      class="emote-packs"
      onKeyDown={(event) => {
        const cells = [...event.currentTarget.querySelectorAll<HTMLElement>(".emote")];
        const next = rove(event.key, cells.indexOf(document.activeElement as HTMLElement), cells.length, 3);
        if (next === null) return;
        event.preventDefault();
        cells[next]?.focus();
      }}
    >
      {recent.length > 0 && <Pack title={t.recent} emotes={recent} />}
      {packs.map((pack) => (
        <Pack key={pack} title={t.packs[pack] ?? pack} emotes={all.filter((emote) => emote.pack === pack)} />
      ))}
    </div>
  );
}

function Pack({ title, emotes: some }: { title: string; emotes: Emote[] }) {
  return (
    <section class="pack" aria-label={title}>
      <h3>{title}</h3>
      <ul>
        {some.map((emote) => (
          <li key={emote.id}>
            <EmoteButton emote={emote} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function EmoteButton({ emote }: { emote: Emote }) {
  const t = penWords.value;
  const locked = Boolean(emote.locked);
  const barred = bar.value !== null && bar.value.why !== "emotes_only";
  const off = locked || barred || !ready.value || sending.value || openAt.value > second.value;
  return (
    <button
      type="button"
      class={`emote${locked ? " emote-locked" : ""}`}
      data-testid="emote"
      data-emote={emote.id}
      aria-disabled={off}
      onClick={async () => {
        if (!off && (await sendEmote(emote))) closePen();
      }}
    >
      <span>{emoteName(emote)}</span>
      {locked && (
        <small>
          <Icon name="lock" size={11} /> {t.from(emote.locked?.tier)}
        </small>
      )}
    </button>
  );
}
