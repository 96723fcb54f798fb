/** The flying comments: a bounded pool of nodes moved by the compositor, no timer per comment and no frame loop. */

import type { Settings } from "../../shared/settings";
import type { Flight } from "../model";
import { foldText } from "./filter";
import { type Flying, hold, isScrolling, makeNode, release, showTimes } from "./flying";
import { busyFor, Lanes } from "./lanes";
import { Ruler } from "./ruler";
import { rank, Waiting } from "./waiting";

export interface Look extends Pick<Settings, "area" | "opacity" | "scale" | "speed" | "merge" | "density"> {
  shown: boolean;
  paused: boolean;
}

/** A comment that is held still, and where it is: within the layer, in px. */
export interface Held {
  flight: Flight;
  left: number;
  top: number;
  height: number;
  width: number;
}

export interface LayerListener {
  /** So many comments found no room. */
  unflown(count: number): void;
  /** The held comment is no more held: it was taken back, or the picture was emptied. */
  lost(): void;
}

interface Grip {
  flying: Flying;
  /** It and those that follow it in its lane. */
  still: Flying[];
  since: number;
  open: (after: number) => void;
}

const FIXED_MS = 4000;
const FIXED_LANES = 2;
const MERGE_MS = 10_000;
const PER_BATCH = 20;

export class DanmakuLayer {
  readonly #root: HTMLElement;
  readonly #listener: LayerListener;
  readonly #flying = new Map<HTMLElement, Flying>();
  readonly #byText = new Map<string, Flying>();
  readonly #pool: Flying[] = [];
  readonly #waiting = new Waiting<Flight>();
  readonly #observer: ResizeObserver;
  readonly #ruler: Ruler;
  #scroll = new Lanes(0);
  #fixed: Record<4 | 5, Lanes> = { 4: new Lanes(FIXED_LANES), 5: new Lanes(FIXED_LANES) };
  #look: Look;
  #width = 0;
  #height = 0;
  /** Height at the upper edge that a band over the picture covers right now. */
  #band = 0;
  #wake = 0;
  /** When the layer was paused, and for how long in all: lanes do not become free while nothing moves. */
  #pausedAt: number | null = null;
  #lost = 0;
  #grip: Grip | null = null;

  constructor(root: HTMLElement, look: Look, listener: LayerListener) {
    this.#root = root;
    this.#look = look;
    this.#listener = listener;
    this.#ruler = new Ruler(root);
    this.#observer = new ResizeObserver(() => this.#measure());
    this.#observer.observe(root);
    document.addEventListener("visibilitychange", this.#onVisibility);
    this.#measure();
    this.apply(look);
  }

  close(): void {
    this.#observer.disconnect();
    document.removeEventListener("visibilitychange", this.#onVisibility);
    this.clear();
  }

  /** Takes new settings; a change of size or speed starts with an empty picture, because old and new would collide. */
  apply(look: Look): void {
    const was = this.#look;
    this.#look = look;
    this.#root.style.opacity = String(look.opacity);
    if (!look.shown || look.scale !== was.scale || look.speed !== was.speed) this.clear();
    if (look.paused !== (this.#pausedAt !== null)) this.#pause(look.paused);
    this.#layOut(0);
  }

  cover(height: number): void {
    this.#band = height;
  }

  /** Lets comments of one batch fly; what finds no room in time is counted and stays in the list only. */
  fly(flights: Flight[]): void {
    if (!this.#look.shown || document.hidden || flights.length === 0) return;
    if (this.#pausedAt !== null || this.#width === 0) {
      this.#listener.unflown(flights.length);
      return;
    }
    let unflown = this.#waiting.expire(this.#now);
    const ranked = [...flights].sort((a, b) => rank(b) - rank(a));
    const now: Flight[] = [];
    for (const flight of ranked) {
      if (this.#repeated(flight)) continue;
      if (now.length < PER_BATCH && this.#flying.size + now.length < this.#most) now.push(flight);
      else unflown += this.#waiting.add(flight, rank(flight), this.#now);
    }
    unflown += this.#launch(now);
    if (unflown > 0) this.#listener.unflown(unflown);
    this.#plan();
  }

  /** Takes comments out of the picture that should not be in it any more. */
  drop(unwanted: (flight: Flight) => boolean): void {
    for (const flying of [...this.#flying.values()]) {
      if (!flying.flight || !unwanted(flying.flight)) continue;
      if (this.#grip?.flying === flying) this.letGo();
      this.#land(flying);
    }
    this.#waiting.remove(unwanted);
  }

  clear(): void {
    this.letGo();
    for (const flying of [...this.#flying.values()]) this.#land(flying);
    this.#waiting.clear();
    this.#scroll.clear();
    this.#fixed[4].clear();
    this.#fixed[5].clear();
  }

  // --- one comment held still

  /** Holds the comment at a place of the window; null where there is none. */
  holdAt(x: number, y: number): Held | null {
    for (const flying of [...this.#flying.values()].reverse()) {
      const { left, right, top, bottom } = flying.node.getBoundingClientRect();
      if (x >= left - 4 && x <= right + 4 && y >= top && y <= bottom) return this.#hold(flying);
    }
    return null;
  }

  /** Holds the next one after the held one, from the upper left on; the first one where none is held. */
  holdNext(step: 1 | -1): Held | null {
    const width = this.#root.getBoundingClientRect();
    const seen = [...this.#flying.values()]
      .map((flying) => ({ flying, box: flying.node.getBoundingClientRect() }))
      .filter(({ box }) => box.right > width.left + 40 && box.left < width.right - 40)
      .sort((a, b) => a.box.top - b.box.top || a.box.left - b.box.left);
    if (seen.length === 0) return null;
    const at = seen.findIndex(({ flying }) => flying === this.#grip?.flying);
    const next = seen[(at < 0 && step < 0 ? 0 : at + step + seen.length) % seen.length];
    return next ? this.#hold(next.flying) : null;
  }

  /** Lets the held comment fly on, and all that waited behind it. */
  letGo(): void {
    const grip = this.#grip;
    if (!grip) return;
    this.#grip = null;
    const now = performance.now();
    grip.flying.node.classList.remove("flight-gripped");
    if (this.#pausedAt === null) for (const { motion } of grip.still) if (motion) release(motion, now);
    grip.open(this.#now - grip.since);
    this.#listener.lost();
  }

  #hold(flying: Flying): Held | null {
    if (!flying.flight) return null;
    this.letGo();
    const now = performance.now();
    const still = [...this.#flying.values()].filter(
      (one) => one === flying || (isScrolling(flying) && one.lane === flying.lane && one.since > flying.since),
    );
    if (this.#pausedAt === null) for (const { motion } of still) hold(motion, now);
    const lanes = isScrolling(flying) ? this.#scroll : this.#fixed[flying.flight.mode === 4 ? 4 : 5];
    this.#grip = { flying, still, since: this.#now, open: lanes.close(flying.lane) };
    flying.node.classList.add("flight-gripped");
    const [own, all] = [flying.node.getBoundingClientRect(), this.#root.getBoundingClientRect()];
    return {
      flight: { ...flying.flight, count: flying.times },
      left: own.left - all.left,
      top: own.top - all.top,
      height: own.height,
      width: own.width,
    };
  }

  // --- its measures

  get #now(): number {
    return (this.#pausedAt ?? performance.now()) - this.#lost;
  }

  get #phone(): boolean {
    return this.#width <= 480;
  }

  /** Nodes at once; a phone shows few lanes and pays more for each. */
  get #most(): number {
    return (this.#phone ? 60 : 300) / (this.#look.density === "few" ? 2 : 1);
  }

  get #fontSize(): number {
    return (this.#phone ? 17 : 24) * this.#look.scale;
  }

  get #lineHeight(): number {
    return Math.round(this.#fontSize * 1.5);
  }

  /** Height at the lower edge that belongs to entrances and controls. */
  get #feed(): number {
    return this.#phone ? 92 : 100;
  }

  /** Lanes that the band covers; one always stays open. */
  get #covered(): number {
    return Math.min(Math.ceil(this.#band / this.#lineHeight), this.#scroll.count - 1);
  }

  get #gap(): number {
    return (this.#phone ? 20 : 32) * (this.#look.density === "few" ? 6 : 1);
  }

  /** px per ms; the same for all, so that long comments are seen as often as short ones. */
  get #pace(): number {
    return ((this.#phone ? 80 : 140) * this.#look.speed) / 1000;
  }

  #onVisibility = (): void => {
    if (document.hidden) this.clear(); // on return the picture starts with the next batch, not with a pile
  };

  #measure(): void {
    const was = this.#width;
    this.#ruler.look();
    this.#width = this.#root.clientWidth;
    this.#height = this.#root.clientHeight;
    this.#layOut(was > 0 ? (was - this.#width) / this.#pace : 0);
  }

  #layOut(longer: number): void {
    this.#root.style.setProperty("--size", `${this.#fontSize}px`);
    this.#root.style.setProperty("--lane", `${this.#lineHeight}px`);
    const height = this.#height * this.#look.area;
    this.#scroll.resize(Math.max(1, Math.floor(height / this.#lineHeight)), longer);
  }

  #pause(paused: boolean): void {
    this.letGo();
    const now = performance.now();
    for (const { motion } of this.#flying.values()) paused ? hold(motion, now) : release(motion, now);
    if (!paused) this.#lost += now - (this.#pausedAt ?? now);
    this.#pausedAt = paused ? now : null;
  }

  /** A repeat of a comment that still flies makes that one count up instead of flying itself. */
  #repeated(flight: Flight): boolean {
    if (!this.#look.merge || flight.mine) return false;
    const flying = this.#byText.get(foldText(flight.text));
    if (!flying || this.#now - flying.since > MERGE_MS) return false;
    flying.times += flight.count;
    showTimes(flying);
    return true;
  }

  /** Starts those that have a lane; nothing is built for the others. Returns how many gave up. */
  #launch(flights: Flight[]): number {
    let lost = 0;
    for (const flight of flights) if (!this.#start(flight)) lost += this.#waiting.add(flight, rank(flight), this.#now);
    return lost;
  }

  #build(flight: Flight, size: number): Flying {
    const flying = this.#pool.pop() ?? makeNode();
    flying.key = foldText(flight.text);
    flying.flight = flight;
    flying.times = flight.count;
    flying.text.textContent = flight.text;
    showTimes(flying);
    flying.node.style.color = `#${flight.color.toString(16).padStart(6, "0")}`;
    flying.node.style.fontSize = `${size}em`;
    const looks = [flight.mine && "flight-mine", flight.host && "flight-host", flight.emote && "flight-emote"];
    flying.node.className = ["flight", ...looks.filter(Boolean)].join(" ");
    return flying;
  }

  #start(flight: Flight): boolean {
    const mode = flight.mode === 4 || flight.mode === 5 ? flight.mode : 1;
    const size = Math.min(1.5, Math.max(0.7, flight.size / 25));
    const width = this.#ruler.width(flight, this.#fontSize * size);
    const lane = mode === 1 ? this.#laneFor(width) : this.#fixed[mode].take(this.#now, FIXED_MS);
    if (lane < 0) return false;
    const flying = this.#build(flight, size);
    flying.lane = lane;
    flying.since = this.#now;
    this.#root.append(flying.node);
    flying.motion = mode === 1 ? this.#scrollFrom(flying, width) : this.#stand(flying, width, mode);
    flying.motion.startTime = performance.now(); // not the next frame, which a busy page draws late
    flying.motion.onfinish = () => this.#land(flying);
    this.#flying.set(flying.node, flying);
    this.#byText.set(flying.key, flying);
    return true;
  }

  #laneFor(width: number): number {
    const busy = busyFor(width, this.#gap, this.#pace);
    const lane = this.#scroll.take(this.#now, busy, this.#covered);
    if (lane >= 0 || this.#look.density !== "all") return lane;
    return this.#scroll.takeAny(this.#now, busy, this.#covered);
  }

  #scrollFrom({ node, lane }: Flying, width: number): Animation {
    node.style.top = `${lane * this.#lineHeight}px`;
    return node.animate([{ transform: `translateX(${this.#width}px)` }, { transform: `translateX(${-width}px)` }], {
      duration: (this.#width + width) / this.#pace,
      easing: "linear",
      fill: "both",
    });
  }

  #stand({ node, lane }: Flying, width: number, mode: 4 | 5): Animation {
    const bottom = this.#height - this.#feed - (lane + 1) * this.#lineHeight;
    const top = (lane + this.#covered) * this.#lineHeight;
    node.classList.add("flight-held");
    node.style.top = `${mode === 4 ? bottom : top}px`;
    const at = `translateX(${Math.max(0, (this.#width - width) / 2)}px)`;
    return node.animate([{ transform: at }, { transform: at }], { duration: FIXED_MS, fill: "both" });
  }

  #land(flying: Flying): void {
    this.#flying.delete(flying.node);
    if (this.#byText.get(flying.key) === flying) this.#byText.delete(flying.key);
    this.#recycle(flying);
  }

  #recycle(flying: Flying): void {
    if (flying.motion) {
      flying.motion.onfinish = null;
      flying.motion.cancel();
      flying.motion = null;
    }
    flying.flight = null;
    flying.node.remove();
    if (this.#pool.length < 50) this.#pool.push(flying);
  }

  /** Somebody waits: look again when the next lane opens. */
  #plan(): void {
    clearTimeout(this.#wake);
    if (this.#waiting.size === 0) return;
    const wait = Math.max(30, this.#scroll.nextFree(this.#covered) - this.#now);
    this.#wake = window.setTimeout(() => this.#again(), Math.min(wait, 500));
  }

  #again(): void {
    if (this.#pausedAt !== null) return;
    const gaveUp = this.#waiting.expire(this.#now);
    if (gaveUp > 0) this.#listener.unflown(gaveUp);
    this.#waiting.drain((flight) => {
      if (this.#flying.size >= this.#most || this.#scroll.nextFree(this.#covered) > this.#now) return false;
      if (this.#repeated(flight)) return true;
      return this.#start(flight);
    });
    this.#plan();
  }
}
