import { useSignalEffect } from "@preact/signals";
import { lang } from "../shared/i18n";
import { reducedMotion } from "../shared/settings";
import { Boundary } from "../shared/ui/boundary";
import { lazy } from "../shared/ui/lazy";
import { ChatList } from "./chat/list";
import { Say } from "./chat/say";
import { Steps } from "./chat/steps";
import { Band, Gate } from "./connection";
import { Composer } from "./cues/composer";
import { MissedList } from "./cues/missed";
import { CueRegion } from "./cues/region";
import { RollCall } from "./cues/rollcall";
import { Header } from "./header";
import { type Place, place, view } from "./place";
import { Entrances, Figures } from "./room/figures";
import { Modes } from "./room/modes";
import { Sanctions } from "./room/sanctions";
import { carried, cues, denied, link, role, room } from "./store";
import { words } from "./words";

const PLACES: Place[] = ["cues", "chat", "room", "picture"];

const PicturePanel = lazy(() => import("./picture/panel").then((part) => part.PicturePanel));

/** Only hosts send the room's picture. */
const sends = () => role.value === "host" && carried.value;

/** The whole console; the reading order is also the order of focus. */
export function App() {
  const t = words.value;
  useSignalEffect(() => {
    document.documentElement.lang = lang.value === "zh" ? "zh-Hans" : "en";
    document.documentElement.dataset.motion = reducedMotion() ? "reduced" : "full";
    const waiting = cues.value.length > 0 ? `(${cues.value.length}) ` : "";
    document.title = `${waiting}${room.value?.title || "roomserver"} · ${words.value.console}`;
  });
  const shut = denied.value || link.value.state === "closed" || link.value.state === "guest";
  const open = room.value !== null && role.value !== null && !shut;
  return (
    <>
      {open && view !== "chat" && (
        <nav class="skips" aria-label={t.skipCues}>
          <a href="#cue">{t.skipCues}</a>
        </nav>
      )}
      <Band />
      <main class="console" data-place={place.value} data-view={view}>
        {view === null && <Header />}
        {open ? <Parts /> : <Gate />}
      </main>
    </>
  );
}

function Parts() {
  const t = words.value;
  return (
    <>
      {view !== "chat" && (
        <section class="part part-cues" aria-label={t.cuesTab}>
          <Boundary name="cues">
            <CueRegion />
            <Composer />
          </Boundary>
          <Boundary name="missed">
            <MissedList />
          </Boundary>
          {view === null && (
            <Boundary name="roll-call">
              <RollCall />
            </Boundary>
          )}
        </section>
      )}
      {view !== "cues" && (
        <section class="part part-chat" aria-label={t.chatTab}>
          <Boundary name="chat">
            <ChatList />
            <Steps />
            <Say />
          </Boundary>
        </section>
      )}
      {view === null && (
        <section class="part part-room" aria-label={t.roomTab}>
          <Boundary name="figures">
            <Figures />
          </Boundary>
          <Boundary name="modes">
            <Modes />
          </Boundary>
          <Boundary name="sanctions">
            <Sanctions />
          </Boundary>
          <Boundary name="entrances">
            <Entrances />
          </Boundary>
        </section>
      )}
      {view === null && sends() && (
        <section class="part part-picture" aria-label={t.pictureTab}>
          <Boundary name="picture">
            <PicturePanel />
          </Boundary>
        </section>
      )}
      {view === null && <Places />}
    </>
  );
}

/** The way from part to part where the screen is too narrow for all of them. */
function Places() {
  const t = words.value;
  const names: Record<Place, string> = { cues: t.cuesTab, chat: t.chatTab, room: t.roomTab, picture: t.pictureTab };
  return (
    <nav class="places" aria-label={t.tabs}>
      {PLACES.filter((name) => name !== "picture" || sends()).map((name) => (
        <button
          key={name}
          type="button"
          class={`place place-${name}`}
          data-testid={`place-${name}`}
          aria-current={place.value === name}
          onClick={() => {
            place.value = name;
          }}
        >
          {names[name]}
          {name === "cues" && cues.value.length > 0 && <b class="badge">{cues.value.length}</b>}
        </button>
      ))}
    </nav>
  );
}
