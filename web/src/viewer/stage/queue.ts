/** One entrance at a time, own ones first; what would come too late joins the next line as a number. */

import type { Entrance, Person } from "../../shared/wire";

export interface Scene {
  id: string;
  user: Person | null;
  /** Others who came in with this one. */
  others: number;
  mine: boolean;
  ms: number;
}

export const LONGEST_MS = 3000;
const SHORTEST_MS = 1200;
const MERGED_MS = 2000;
const MOST_WAITING = 3;

export class EntranceQueue {
  #scenes: Scene[] = [];
  #late = 0;

  add(entrance: Entrance, mine: boolean): void {
    const scene = toScene(entrance, mine);
    if (mine) this.#scenes.unshift(scene);
    else this.#scenes.push(scene);
    while (this.#scenes.length > MOST_WAITING) {
      const dropped = this.#scenes.pop();
      this.#late += dropped ? 1 + dropped.others : 0;
    }
  }

  /** The next scene, or null when nobody waits. Those who came too late for one of their own are counted in it. */
  next(): Scene | null {
    const scene = this.#scenes.shift();
    if (!scene) return null;
    if (scene.mine) return scene;
    const others = scene.others + this.#late;
    this.#late = 0;
    return { ...scene, others };
  }
}

function toScene(entrance: Entrance, mine: boolean): Scene {
  const user = entrance.user ?? entrance.users?.[0] ?? null;
  const merged = entrance.user === undefined;
  const wish = merged ? MERGED_MS : (entrance.effect?.duration_ms ?? MERGED_MS);
  return {
    id: entrance.id,
    user,
    others: merged ? Math.max(0, (entrance.count ?? entrance.users?.length ?? 1) - 1) : 0,
    mine,
    ms: Math.min(LONGEST_MS, Math.max(SHORTEST_MS, wish)),
  };
}
