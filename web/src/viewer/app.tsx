import { useSignalEffect } from "@preact/signals";
import { lang, words } from "../shared/i18n";
import { reducedMotion } from "../shared/settings";
import { Boundary } from "../shared/ui/boundary";
import { ChatBox } from "./chat/box";
import { CheckInBar } from "./checkin/bar";
import { resumeMark } from "./checkin/mark";
import { ReceiptCard } from "./checkin/receipt";
import { ConnectionBand, Gate } from "./connection";
import { Header } from "./header";
import { SettingsSheet } from "./settings";
import { ShoutoutBand } from "./stage/shoutout";
import { Stage } from "./stage/stage";
import { link, ready, room } from "./store";
import { tab } from "./tab";
import { Side } from "./tabs";

/** The whole page; the reading order is also the order of focus. */
export function App() {
  const t = words.value;
  useSignalEffect(() => {
    document.documentElement.lang = lang.value === "zh" ? "zh-Hans" : "en";
    document.documentElement.dataset.motion = reducedMotion() ? "reduced" : "full";
    document.title = room.value?.title || "roomserver";
  });
  useSignalEffect(() => {
    if (ready.value) resumeMark();
  });
  const empty = room.value === null;
  const shut = link.value.state === "closed" || link.value.state === "guest";
  return (
    <>
      <nav class="skips" aria-label={t.skipCheckin}>
        <a href="#checkin">{t.skipCheckin}</a>
        <a href="#say">{t.skipChat}</a>
      </nav>
      <ConnectionBand />
      <main class={`room${empty ? " room-empty" : ""}${empty && shut ? " room-shut" : ""}`}>
        <Header />
        <Boundary name="stage">
          <Stage />
        </Boundary>
        {(empty || shut) && <Gate />}
        <Boundary name="shoutout">
          <ShoutoutBand />
        </Boundary>
        <Boundary name="check-in">
          <CheckInBar />
        </Boundary>
        <Side />
        <Boundary name="receipt">{tab.value === "chat" && <ReceiptCard />}</Boundary>
        <Boundary name="chat box">
          <ChatBox />
        </Boundary>
      </main>
      <SettingsSheet />
    </>
  );
}
