import { useState } from "preact/hooks";
import { blockWord, choose, LONGEST_WORD, MOST_BLOCKED, settings } from "../../shared/settings";
import { Icon } from "../../shared/ui/icons";
import { settingsWords } from "./words";

/** The words and the people that the viewer does not want to see, to be added to and taken back. */
export function BlockedList() {
  const t = settingsWords.value;
  const { blockedWords, blockedUsers } = settings.value;
  return (
    <>
      <AddWord />
      {blockedWords.length + blockedUsers.length === 0 && <p class="choice-hint">{t.none}</p>}
      <ul class="blocked" data-testid="blocked">
        {blockedWords.map((word) => (
          <Blocked
            key={`w ${word}`}
            what={`“${word}”`}
            undo={() => choose({ blockedWords: blockedWords.filter((one) => one !== word) })}
          />
        ))}
        {blockedUsers.map(({ id, name }) => (
          <Blocked
            key={`u ${id}`}
            what={name}
            undo={() => choose({ blockedUsers: blockedUsers.filter((one) => one.id !== id) })}
          />
        ))}
      </ul>
    </>
  );
}

function Blocked({ what, undo }: { what: string; undo: () => void }) {
  return (
    <li>
      <bdi>{what}</bdi>
      <button type="button" class="bare" aria-label={settingsWords.value.unblock(what)} onClick={undo}>
        <Icon name="close" size={14} />
      </button>
    </li>
  );
}

function AddWord() {
  const t = settingsWords.value;
  const [word, write] = useState("");
  const full = settings.value.blockedWords.length >= MOST_BLOCKED;
  return (
    <form
      class="blocked-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (blockWord(word)) write("");
      }}
    >
      <input
        class="actions-field"
        data-testid="block-word"
        placeholder={full ? t.full : t.word}
        aria-label={t.word}
        maxLength={LONGEST_WORD}
        disabled={full}
        dir="auto"
        value={word}
        onInput={(event) => write(event.currentTarget.value)}
      />
      <button type="submit" class="quiet" aria-disabled={word.trim() === ""}>
        {t.add}
      </button>
    </form>
  );
}
