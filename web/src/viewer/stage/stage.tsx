import { signal, useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { second } from "../../shared/clock";
import { exact, words } from "../../shared/i18n";
import { choose, danmakuShown, settings } from "../../shared/settings";
import { Icon } from "../../shared/ui/icons";
import { lazy } from "../../shared/ui/lazy";
import { Avatar } from "../../shared/ui/person";
import { wished } from "../danmaku/filter";
import { dropped, gripBy, hearPointer, held, holdNext, kept, letGo } from "../danmaku/held";
import { DanmakuLayer, type Look } from "../danmaku/layer";
import { saidText } from "../emotes";
import { LikeButton } from "../like/button";
import type { Flight } from "../model";
import { openSettings } from "../settings/open";
import { host, link, onEffects, room, stage as seats, shed, slots, unflown } from "../store";
import { Burst } from "./burst";
import { covered } from "./covered";
import { EntranceLine } from "./entrance";

const paused = signal(false);
/** A picture has come in, or somebody was asked on stage: until then nothing of that part is loaded. */
const pictured = signal(false);

/** The picture: backdrop, flying comments, entrances, and the few controls that belong to them. */
export function Stage() {
  const live = room.value?.live ?? false;
  const stage = useRef<HTMLElement>(null);
  useEffect(() => (stage.current ? hearPointer(stage.current) : undefined), []);
  useSignalEffect(() => {
    const some = (slots.value?.length ?? 0) + (seats.value?.seats.length ?? 0) > 0;
    if (slots.value && some) pictured.value = true;
  });
  return (
    <section ref={stage} class="stage" data-testid="stage" data-live={live} aria-label={words.value.stage}>
      <Backdrop />
      {pictured.value && <Picture />}
      {room.value && !live && <OffAir />}
      <Danmaku />
      <div class="stage-feed">
        <EntranceLine />
        <Burst />
      </div>
      {held.value && <HeldMenu />}
      <Controls />
    </section>
  );
}

/** The host over a quiet ground. Until his name is known the title stands in its place, and nothing moves when it comes. */
function Backdrop() {
  const current = room.value;
  const { id, name } = host.value;
  const title = current?.title || current?.id || "";
  return (
    <div class="backdrop">
      <div class="backdrop-glow" />
      {current?.live && (
        <div class="backdrop-host">
          <span class="host-ring">
            <Avatar user={{ id: id || current.id, name: name || title, tier: 0 }} size="large" />
          </span>
          <strong class="host-name">
            <bdi>{name || title}</bdi>
          </strong>
          <span class="host-title">
            <bdi>{name && title}</bdi>
          </span>
        </div>
      )}
    </div>
  );
}

function look(): Look {
  const { area, opacity, scale, speed, merge, density } = settings.value;
  return { shown: danmakuShown(), paused: paused.value, area, opacity, scale, speed, merge, density };
}

function Danmaku() {
  const root = useRef<HTMLDivElement>(null);
  const layer = useRef<DanmakuLayer | null>(null);
  useEffect(() => {
    if (!root.current) return;
    const made = new DanmakuLayer(root.current, look(), {
      unflown: (count) => {
        unflown.value += count;
      },
      lost: dropped,
    });
    layer.current = made;
    gripBy(made);
    const stop = onEffects((effects) => {
      for (const { kind, ...gone } of effects)
        if (kind === "removed" && "ids" in gone)
          made.drop((one) => one.user.id === gone.user || gone.ids.includes(one.id));
      made.fly(effects.flatMap((effect) => (effect.kind === "fly" ? asWished(effect.flight) : [])));
    });
    return () => {
      stop();
      made.close();
    };
  }, []);
  useSignalEffect(() => layer.current?.apply(look()));
  useSignalEffect(() => {
    const now = settings.value;
    layer.current?.drop((flight) => wished(flight, now) === null);
  });
  useSignalEffect(() => layer.current?.cover(covered.value));
  return <div ref={root} class="danmaku" data-testid="danmaku-layer" data-shown={danmakuShown()} aria-hidden="true" />;
}

/** The danmaku in the viewer's words and colours; none where he does not want it in the picture. */
function asWished(flight: Flight): Flight[] {
  const shown = wished({ ...flight, text: saidText(flight) }, settings.value);
  return shown ? [{ ...shown, emote: settings.value.emotesAsWords ? null : shown.emote }] : [];
}

const Picture = lazy(() => import("../picture/picture").then((part) => part.Picture));
const OffAir = lazy(() => import("./off-air").then((part) => part.OffAir));
const HeldMenu = lazy(() => import("../danmaku/menu").then((part) => part.HeldMenu));

function Controls() {
  const t = words.value;
  const shown = danmakuShown();
  return (
    <div class="controls">
      <More />
      <button
        type="button"
        class="plate"
        data-testid="danmaku-toggle"
        aria-pressed={shown}
        aria-label={t.showDanmaku}
        title={shown ? t.danmakuOn : t.danmakuOff}
        onClick={() => choose({ danmaku: !shown })}
      >
        <Icon name="danmaku" />
      </button>
      {shown && (
        <button
          type="button"
          id="danmaku-pick"
          class="plate plate-pick"
          data-testid="danmaku-pick"
          aria-label={t.pickDanmaku}
          title={t.pickDanmaku}
          onClick={() => (kept.value ? letGo() : holdNext(1))}
        >
          <Icon name="pick" size={18} />
        </button>
      )}
      {shown && (
        <button
          type="button"
          class="plate"
          data-testid="danmaku-pause"
          aria-pressed={paused.value}
          aria-label={paused.value ? t.resumeDanmaku : t.pauseDanmaku}
          title={paused.value ? t.resumeDanmaku : t.pauseDanmaku}
          onClick={() => {
            paused.value = !paused.value;
          }}
        >
          <Icon name={paused.value ? "play" : "pause"} />
        </button>
      )}
      <button
        type="button"
        class="plate"
        data-testid="settings-open"
        aria-label={t.settings}
        title={t.settings}
        onClick={openSettings}
      >
        <Icon name="gear" />
      </button>
      <LikeButton />
    </div>
  );
}

/** What could not be shown over the picture, in one number; renewed at most once a second. */
function More() {
  second.value; // the pace of this number
  const flown = unflown.peek();
  const unsaid = shed.peek();
  if (flown + unsaid === 0 || link.value.state !== "open") return null;
  return (
    <span class="plate more" data-testid="more" title={words.value.moreExact(flown, unsaid)}>
      +{exact(flown + unsaid)}
    </span>
  );
}
