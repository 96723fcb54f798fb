import { useState } from "preact/hooks";
import { announce } from "../../shared/announce";
import { blockUser, blockWord, LONGEST_WORD } from "../../shared/settings";
import { warn } from "../../shared/warn";
import type { Person } from "../../shared/wire";
import { messageWords } from "./words";

export interface ActionsProps {
  user: Person;
  text: string;
  mine: boolean;
  /** Something is being done: it must not go away meanwhile. */
  busy?: () => void;
  done: () => void;
}

/** What a viewer can do about one message, for himself: copy it, or see no more of its words or its sender. */
export function Actions({ user, text, mine, busy, done }: ActionsProps) {
  const t = messageWords.value;
  const [typing, type] = useState(false);
  const [said, say] = useState("");
  const tell = (words: string) => {
    announce(words, { urgent: true });
    say(words);
    setTimeout(done, 1600);
  };
  const copy = async () => {
    busy?.();
    try {
      await navigator.clipboard.writeText(text);
      tell(t.copied);
    } catch (error) {
      warn("copying is not allowed", error);
      tell(t.notCopied);
    }
  };
  if (said) return <p class="actions-said">{said}</p>;
  if (typing)
    return (
      <WordForm text={text} block={(word) => tell(blockWord(word) ? t.wordBlocked(word) : t.full)} cancel={done} />
    );
  return (
    <>
      <button type="button" class="action" data-testid="copy" onClick={() => void copy()}>
        {t.copy}
      </button>
      {!mine && (
        <>
          <button
            type="button"
            class="action"
            data-testid="block-words"
            onClick={() => {
              busy?.();
              type(true);
            }}
          >
            {t.blockWords}
          </button>
          <button
            type="button"
            class="action"
            data-testid="block-user"
            onClick={() => {
              busy?.();
              tell(blockUser(user) ? t.userBlocked(user.name) : t.full);
            }}
          >
            <bdi>{t.blockUser(user.name)}</bdi>
          </button>
        </>
      )}
    </>
  );
}

/** The message's text, to be cut down to the words that are not wanted. */
function WordForm({ text, block, cancel }: { text: string; block: (word: string) => void; cancel: () => void }) {
  const t = messageWords.value;
  const [word, write] = useState(text.slice(0, LONGEST_WORD));
  return (
    <form
      class="actions-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (word.trim() !== "") block(word.trim());
      }}
      onKeyDown={(event) => event.key === "Escape" && cancel()}
    >
      <input
        class="actions-field"
        data-testid="block-field"
        aria-label={t.word}
        maxLength={LONGEST_WORD}
        value={word}
        dir="auto"
        ref={(field) => field?.focus()}
        onInput={(event) => write(event.currentTarget.value)}
      />
      <button type="submit" class="action action-strong">
        {t.block}
      </button>
    </form>
  );
}
