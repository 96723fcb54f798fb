/**
 * Which lane a comment may enter, so that no two of one lane overlap.
 *
 * All comments of a layer fly at the same speed, so none ever catches up with another, and a lane needs one number:
 * when its entry is free again. Times in ms, widths in px, speed in px per ms.
 */
export class Lanes {
  #freeAt: number[];

  constructor(count: number) {
    this.#freeAt = new Array<number>(count).fill(0);
  }

  get count(): number {
    return this.#freeAt.length;
  }

  /** The lane for a comment that occupies the entry for `busy` ms, or -1 when none is free; lanes before `first` are left out. */
  take(now: number, busy: number, first = 0): number {
    for (let lane = first; lane < this.#freeAt.length; lane++)
      if ((this.#freeAt[lane] ?? 0) <= now) {
        this.#freeAt[lane] = now + busy;
        return lane;
      }
    return -1;
  }

  /** When the next lane becomes free. */
  nextFree(first = 0): number {
    return Math.min(...this.#freeAt.slice(first));
  }

  /** The picture changed: as many lanes as fit now; where its edge moved inward, entries stay closed that much longer. */
  resize(count: number, longer: number): void {
    const delay = Math.max(0, longer);
    this.#freeAt = Array.from({ length: count }, (_, lane) => (this.#freeAt[lane] ?? 0) + delay);
  }

  /** The lane that is free first, or was: for a picture where comments may overlap. */
  takeAny(now: number, busy: number, first = 0): number {
    let best = -1;
    for (let lane = first; lane < this.#freeAt.length; lane++) {
      const at = this.#freeAt[lane] ?? 0;
      if (at !== Number.POSITIVE_INFINITY && (best < 0 || at < (this.#freeAt[best] ?? 0))) best = lane;
    }
    if (best >= 0) this.#freeAt[best] = Math.max(now, this.#freeAt[best] ?? 0) + busy / 4;
    return best;
  }

  /** Closes a lane while something in it stands still. Returns how to open it again, after so many ms. */
  close(lane: number): (after: number) => void {
    const was = this.#freeAt[lane] ?? 0;
    this.#freeAt[lane] = Number.POSITIVE_INFINITY;
    return (after) => {
      if (this.#freeAt[lane] === Number.POSITIVE_INFINITY) this.#freeAt[lane] = was + after;
    };
  }

  clear(): void {
    this.#freeAt.fill(0);
  }
}

/** How long a scrolling comment keeps the entry of its lane busy. */
export function busyFor(width: number, gap: number, speed: number): number {
  return (width + gap) / speed;
}
