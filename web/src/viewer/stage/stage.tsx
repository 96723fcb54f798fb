import { signal, useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { second } from "../../shared/clock";
import { exact, moment, words } from "../../shared/i18n";
import { choose, danmakuShown, settings } from "../../shared/settings";
import { Icon } from "../../shared/ui/icons";
import { Avatar } from "../../shared/ui/person";
import { DanmakuLayer, type Look } from "../danmaku/layer";
import { openSettings } from "../settings";
import { host, link, onEffects, room, shed, unflown } from "../store";
import { Burst } from "./burst";
import { EntranceLine } from "./entrance";
import { covered } from "./shoutout";

const paused = signal(false);

/** The picture: backdrop, flying comments, entrances, and the few controls that belong to them. */
export function Stage() {
  const live = room.value?.live ?? false;
  return (
    <section class="stage" data-testid="stage" data-live={live} aria-label={words.value.stage}>
      <Backdrop />
      {room.value && !live && <OffAir />}
      <Danmaku />
      <div class="stage-feed">
        <EntranceLine />
        <Burst />
      </div>
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

function OffAir() {
  const t = words.value;
  const current = room.value;
  const next = current?.schedule?.next_at ?? null;
  return (
    <div class="off-air" data-testid="off-air">
      <h2>{current?.ended_at ? t.ended : t.notLive}</h2>
      <p>{t.rightPlace(current?.title || (current?.id ?? ""))}</p>
      <p>{next === null ? t.nextUnknown : t.nextAt(moment(next, second.value))}</p>
      <p class="muted">{t.worksOffAir}</p>
    </div>
  );
}

function look(): Look {
  const { area, opacity, scale, speed, merge } = settings.value;
  return { shown: danmakuShown(), paused: paused.value, area, opacity, scale, speed, merge };
}

function Danmaku() {
  const root = useRef<HTMLDivElement>(null);
  const layer = useRef<DanmakuLayer | null>(null);
  useEffect(() => {
    if (!root.current) return;
    const made = new DanmakuLayer(root.current, look(), (count) => {
      unflown.value += count;
    });
    layer.current = made;
    const stop = onEffects((effects) => {
      made.fly(effects.flatMap((effect) => (effect.kind === "fly" ? [effect.flight] : [])));
    });
    return () => {
      stop();
      made.close();
    };
  }, []);
  useSignalEffect(() => layer.current?.apply(look()));
  useSignalEffect(() => layer.current?.cover(covered.value));
  return <div ref={root} class="danmaku" data-testid="danmaku-layer" data-shown={danmakuShown()} aria-hidden="true" />;
}

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
