import { useEffect, useRef, useState } from "preact/hooks";
import { Icon } from "../../shared/ui/icons";
import type { Person } from "../../shared/wire";
import { write } from "../cues/shout";
import type { SaidRow } from "../model";
import { place, view } from "../place";
import { carried, isRoomHost, stage } from "../store";
import { words } from "../words";
import { mute, putOut, removeAll, removeOne } from "./moderate";

const MINUTE = 60;
const HOUR = 3600;
const MUTES: (number | null)[] = [MINUTE, 10 * MINUTE, HOUR, null];

/** What may be done about a message and who wrote it: unfolds under its row, where nothing covers it. */
export function RowMenu({ row, close }: { row: SaidRow; close: () => void }) {
  const t = words.value;
  const [sure, ask] = useState<"kick" | "ban" | null>(null);
  const [reason, setReason] = useState("");
  const box = useRef<HTMLFieldSetElement>(null);
  const opener = useRef(document.activeElement);
  useEffect(() => {
    box.current?.scrollIntoView({ block: "nearest" });
    box.current?.querySelector("button")?.focus({ preventScroll: true });
    return () => (opener.current as HTMLElement | null)?.focus?.({ preventScroll: true });
  }, []);
  const then = (act: () => void) => () => {
    act();
    close();
  };
  const shoutable = view !== "chat" && !row.removed;
  return (
    <fieldset
      ref={box}
      class="menu"
      data-testid="menu"
      aria-label={t.actions(row.user.name)}
      onKeyDown={(event) => event.key === "Escape" && close()}
    >
      <div class="menu-line">
        {shoutable && (
          <button type="button" class="act" data-testid="menu-shout" onClick={then(() => shoutTo(row))}>
            <Icon name="horn" size={16} /> {t.shoutOut}
          </button>
        )}
        {carried.value && stage.value && view === null && !isRoomHost(row.user.id) && (
          <button type="button" class="act" data-testid="menu-stage" onClick={then(() => void invite(row.user))}>
            {t.askOnStage}
          </button>
        )}
        {!row.removed && (
          <button type="button" class="act" data-testid="delete" onClick={then(() => removeOne(row))}>
            {t.deleteOne}
          </button>
        )}
        {!isRoomHost(row.user.id) && (
          <button type="button" class="act" data-testid="delete-all" onClick={then(() => removeAll(row.user))}>
            {t.deleteAll}
          </button>
        )}
      </div>
      {!isRoomHost(row.user.id) && (
        <>
          <fieldset class="menu-line" aria-label={t.muteFor}>
            <span class="menu-word">{t.muteFor}</span>
            {MUTES.map((seconds) => (
              <button
                key={seconds}
                type="button"
                class="act"
                data-testid="mute"
                data-seconds={seconds}
                onClick={then(() => void mute(row.user, seconds, reason))}
              >
                {seconds === null ? t.forGood : seconds < HOUR ? t.minutes(seconds / MINUTE) : t.hours(seconds / HOUR)}
              </button>
            ))}
          </fieldset>
          <input
            class="entry"
            data-testid="reason"
            dir="auto"
            maxLength={200}
            placeholder={t.reason}
            aria-label={t.reason}
            value={reason}
            onInput={(event) => setReason(event.currentTarget.value)}
          />
          {sure === null ? (
            <div class="menu-line menu-end">
              <button type="button" class="act act-grave" data-testid="kick" onClick={() => ask("kick")}>
                {t.kick}
              </button>
              <button type="button" class="act act-grave" data-testid="ban" onClick={() => ask("ban")}>
                {t.ban}
              </button>
            </div>
          ) : (
            <Sure
              question={sure === "kick" ? t.kickSure(row.user.name) : t.banSure(row.user.name)}
              yes={sure === "kick" ? t.yesKick : t.yesBan}
              onYes={then(() => putOut(sure, row.user, reason))}
              onNo={() => ask(null)}
            />
          )}
        </>
      )}
    </fieldset>
  );
}

async function invite(user: Person): Promise<void> {
  const part = await import("../picture/seats");
  await part.invite(user);
}

function shoutTo(row: SaidRow): void {
  write(row.user);
  place.value = "cues";
}

/** Asks once; the focus is on the way back. */
function Sure({ question, yes, onYes, onNo }: { question: string; yes: string; onYes: () => void; onNo: () => void }) {
  const no = useRef<HTMLButtonElement>(null);
  useEffect(() => no.current?.focus(), []);
  return (
    <fieldset class="sure" aria-label={question}>
      <p>
        <bdi>{question}</bdi>
      </p>
      <div class="menu-line">
        <button ref={no} type="button" class="act" onClick={onNo}>
          {words.value.cancel}
        </button>
        <button type="button" class="act act-grave" data-testid="sure" onClick={onYes}>
          {yes}
        </button>
      </div>
    </fieldset>
  );
}
