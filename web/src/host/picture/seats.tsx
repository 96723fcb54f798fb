import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { announce } from "../../shared/announce";
import type { Person, Seat } from "../../shared/wire";
import { call, explain, ready, stage } from "../store";
import { pictureWords } from "./words";

const LOOK_MS = 10_000;

interface Candidate {
  user: Person;
  streak: number;
}

const candidates = signal<Candidate[]>([]);
const told = signal("");

/** Who is on stage and who asks to come; what can be done about each stands beside his name. */
export function Seats() {
  const t = pictureWords.value;
  useEffect(watch, []);
  const seats = stage.value?.seats ?? [];
  return (
    <div class="seats" data-testid="seats" data-count={seats.length}>
      <h3>{t.seats}</h3>
      {seats.length === 0 && <p class="muted">{t.noSeats}</p>}
      <ul class="lines">
        {seats.map((seat) => (
          <SeatLine key={seat.user.id} seat={seat} lit={stage.value?.spotlight === seat.user.id} />
        ))}
        {candidates.value.map(({ user, streak }) => (
          <li key={user.id} class="line" data-testid="candidate" data-user={user.id}>
            <span class="line-text">
              <bdi>{user.name}</bdi>
              <small>{t.asks(streak)}</small>
            </span>
            <button type="button" class="quiet" data-testid="seat-invite" onClick={() => void invite(user)}>
              {t.invite}
            </button>
          </li>
        ))}
      </ul>
      <p class="muted" role="status">
        {told.value}
      </p>
    </div>
  );
}

function SeatLine({ seat, lit }: { seat: Seat; lit: boolean }) {
  const t = pictureWords.value;
  const user = seat.user.id;
  const on = seat.state === "on";
  return (
    <li class="line seat" data-testid="seat" data-user={user} data-state={seat.state} data-muted={seat.muted}>
      <span class="line-text">
        <bdi>{seat.user.name}</bdi>
        <small>{on ? (lit ? t.spotlit : t.onStage) : t.invitedNow}</small>
      </span>
      <span class="seat-acts">
        {on && (
          <button
            type="button"
            class="quiet"
            data-testid="seat-light"
            onClick={() => void act("spotlight", lit ? {} : { user })}
          >
            {lit ? t.unlight : t.light}
          </button>
        )}
        {on && (
          <button
            type="button"
            class="quiet"
            data-testid="seat-mute"
            onClick={() => void act(seat.muted ? "unmute" : "mute", { user })}
          >
            {seat.muted ? t.unmuteSeat : t.muteSeat}
          </button>
        )}
        <button type="button" class="quiet" data-testid="seat-kick" onClick={() => void act("kick", { user })}>
          {on ? t.kickSeat : t.takeBack}
        </button>
      </span>
    </li>
  );
}

/** Asks somebody on stage; what became of it is told. */
export async function invite(user: Person): Promise<void> {
  if (await act("invite", { user: user.id })) {
    candidates.value = candidates.value.filter((one) => one.user.id !== user.id);
    told.value = pictureWords.value.invitedPerson(user.name);
    announce(told.value);
  }
}

async function act(what: string, data: Record<string, unknown>): Promise<boolean> {
  told.value = "";
  try {
    await call(`stage.${what}`, { ...data, key: crypto.randomUUID() });
    return true;
  } catch (error) {
    told.value = explain(error);
    announce(told.value);
    return false;
  }
}

function watch(): () => void {
  const timer = setInterval(() => void look(), LOOK_MS);
  const stop = ready.subscribe((open) => {
    if (open) void look();
  });
  return () => {
    clearInterval(timer);
    stop();
  };
}

async function look(): Promise<void> {
  if (!ready.peek() || document.hidden) return;
  try {
    candidates.value = (await call<{ candidates: Candidate[] }>("stage.candidates")).candidates;
  } catch (error) {
    told.value = explain(error);
  }
}
