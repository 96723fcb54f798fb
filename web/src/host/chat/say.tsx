import { signal } from "@preact/signals";
import { announce } from "../../shared/announce";
import { sends } from "../../shared/composition";
import { Icon } from "../../shared/ui/icons";
import { call, explain, ready, role } from "../store";
import { words } from "../words";

const text = signal("");
const trouble = signal("");
const sending = signal(false);

/** Where the host himself writes. */
export function Say() {
  const t = words.value;
  const label = role.value === "moderator" ? t.sayModerator : t.say;
  const blocked = !ready.value || sending.value || text.value.trim() === "";
  const go = () => {
    if (!blocked) void say();
  };
  return (
    <form
      class="say"
      onSubmit={(event) => {
        event.preventDefault();
        go();
      }}
    >
      <p class="trouble">{trouble.value}</p>
      <div class="say-line">
        <textarea
          rows={1}
          class="entry"
          data-testid="say"
          dir="auto"
          placeholder={label}
          aria-label={label}
          enterkeyhint="send"
          value={text.value}
          onInput={(event) => {
            text.value = event.currentTarget.value;
          }}
          onKeyDown={(event) => {
            if (!sends(event)) return;
            event.preventDefault();
            go();
          }}
        />
        <button type="submit" class="bare say-send" aria-label={t.send} aria-disabled={blocked}>
          <Icon name="send" />
        </button>
      </div>
    </form>
  );
}

async function say(): Promise<void> {
  const said = text.value.trim();
  sending.value = true;
  trouble.value = "";
  try {
    await call("danmaku.send", { text: said, key: crypto.randomUUID() });
    if (text.value.trim() === said) text.value = "";
  } catch (error) {
    trouble.value = explain(error);
    announce(trouble.value);
  } finally {
    sending.value = false;
  }
}
