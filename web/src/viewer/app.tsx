import { useSignalEffect } from "@preact/signals";
import { lang, words } from "../shared/i18n";
import { reducedMotion, settings } from "../shared/settings";
import { Boundary } from "../shared/ui/boundary";
import { useLate } from "../shared/ui/late";
import { lazy } from "../shared/ui/lazy";
import { ChatBox } from "./chat/box";
import { CheckInBar } from "./checkin/bar";
import { phase, resumeMark } from "./checkin/mark";
import { ConnectionBand } from "./connection";
import { Header } from "./header";
import { settingsOpen } from "./settings/open";
import { Stage } from "./stage/stage";
import { called, link, pinned, product, ready, room } from "./store";
import { tab } from "./tab";
import { Side } from "./tabs";

const ReceiptCard = lazy(() => import("./checkin/receipt").then((part) => part.ReceiptCard));
const SettingsSheet = lazy(() => import("./settings/sheet").then((part) => part.SettingsSheet));
const ShoutoutBand = lazy(() => import("./stage/shoutout").then((part) => part.ShoutoutBand));
const ProductCard = lazy(() => import("./shop/card").then((part) => part.ProductCard));
const Gate = lazy(() => import("./gate").then((part) => part.Gate));

/** A room that opens sooner needs no notice that it is opening, and none is fetched. */
const QUICK_MS = 400;

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
  const late = useLate(link.value.state, QUICK_MS);
  const shut = link.value.state === "closed" || link.value.state === "guest";
  return (
    <>
      <nav class="skips" aria-label={t.skipCheckin}>
        <a href="#checkin">{t.skipCheckin}</a>
        <a href="#say">{t.skipChat}</a>
      </nav>
      <ConnectionBand />
      <main
        style={{ "--lanes": `${Math.round(72 * settings.value.scale)}px` }}
        class={`room${empty ? " room-empty" : ""}${empty && shut ? " room-shut" : ""}`}
      >
        <Header />
        <Boundary name="stage">
          <Stage />
        </Boundary>
        {(shut || (empty && late)) && <Gate />}
        <Boundary name="shoutout">{(pinned.value.length > 0 || called.value) && <ShoutoutBand />}</Boundary>
        <Boundary name="shop">{product.value && <ProductCard />}</Boundary>
        <Boundary name="check-in">
          <CheckInBar />
        </Boundary>
        <Side />
        <Boundary name="receipt">{tab.value === "chat" && phase.value.kind === "done" && <ReceiptCard />}</Boundary>
        <Boundary name="chat box">
          <ChatBox />
        </Boundary>
      </main>
      {settingsOpen.value && <SettingsSheet />}
    </>
  );
}
