import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { words } from "../../shared/i18n";
import { settings } from "../../shared/settings";
import { Avatar, Level, Name } from "../../shared/ui/person";
import { onEffects } from "../store";
import { EntranceQueue, type Scene } from "./queue";

const queue = new EntranceQueue();
const playing = signal<Scene | null>(null);

function playNext(): void {
  const scene = queue.next();
  playing.value = scene;
  if (scene) setTimeout(playNext, scene.ms);
}

/** The lane of entrances, lower left of the picture. */
export function EntranceLine() {
  useEffect(
    () =>
      onEffects((effects) => {
        for (const effect of effects) {
          if (effect.kind !== "entrance" || document.hidden) continue;
          const wish = settings.value.entrances;
          const merged = effect.entrance.user === undefined;
          if (effect.mine || wish === "all" || (wish === "mine" && merged)) queue.add(effect.entrance, effect.mine);
        }
        if (playing.value === null) playNext();
      }),
    [],
  );
  const scene = playing.value;
  if (!scene || settings.value.entrances === "none") return <div class="entrance-place" />;
  const t = words.value;
  const tier = Math.min(6, scene.user?.tier ?? 0);
  return (
    <div class="entrance-place">
      <div
        key={scene.id}
        class={`entrance tier-${tier}`}
        data-testid="entrance"
        data-mine={scene.mine}
        aria-hidden="true"
      >
        {scene.user && <Avatar user={scene.user} />}
        {scene.user && <Level tier={scene.user.tier} />}
        {scene.user && <Name user={scene.user} />}
        <span class="entrance-words">{scene.others > 0 ? t.cameInWith(scene.others) : t.cameIn}</span>
      </div>
    </div>
  );
}
