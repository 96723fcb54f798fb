/** The flying comments: a bounded pool of nodes moved by the compositor, no timer per comment and no frame loop. */

import type { Flight } from "../model";
import { busyFor, Lanes } from "./lanes";
import { rank, Waiting } from "./waiting";

export interface Look {
  shown: boolean;
  paused: boolean;
  /** Share of the picture's height that comments may use. */
  area: number;
  opacity: number;
  scale: number;
  speed: number;
  merge: boolean;
}

interface Flying {
  node: HTMLElement;
  count: HTMLElement;
  text: HTMLElement;
  key: string;
  times: number;
  since: number;
  motion: Animation | null;
}

const FIXED_MS = 4000;
const FIXED_LANES = 2;
const MERGE_MS = 10_000;
const PER_BATCH = 20;

/** Same text after folding width, case and space. */
export function foldText(text: string): string {
  return text.normalize("NFKC").toLowerCase().replace(/\s+/gu, " ").trim();
}

export class DanmakuLayer {
  readonly #root: HTMLElement;
  readonly #unflown: (count: number) => void;
  readonly #flying = new Map<HTMLElement, Flying>();
  readonly #byText = new Map<string, Flying>();
  readonly #pool: Flying[] = [];
  readonly #waiting = new Waiting<Flight>();
  readonly #observer: ResizeObserver;
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

  constructor(root: HTMLElement, look: Look, unflown: (count: number) => void) {
    this.#root = root;
    this.#look = look;
    this.#unflown = unflown;
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
    if (!this.#look.shown || document.hidden) return;
    if (this.#pausedAt !== null || this.#width === 0) {
      this.#unflown(flights.length);
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
    if (unflown > 0) this.#unflown(unflown);
    this.#plan();
  }

  clear(): void {
    for (const flying of [...this.#flying.values()]) this.#land(flying);
    this.#waiting.clear();
    this.#scroll.clear();
    this.#fixed[4].clear();
    this.#fixed[5].clear();
  }

  get #now(): number {
    return (this.#pausedAt ?? performance.now()) - this.#lost;
  }

  get #phone(): boolean {
    return this.#width <= 480;
  }

  /** Nodes at once; a phone shows few lanes and pays more for each. */
  get #most(): number {
    return this.#phone ? 60 : 300;
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
    return this.#phone ? 20 : 32;
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
    this.#width = this.#root.clientWidth;
    this.#height = this.#root.clientHeight;
    this.#layOut(was > 0 ? (was - this.#width) / this.#pace : 0);
  }

  #layOut(longer: number): void {
    this.#root.style.setProperty("--size", `${this.#fontSize}px`);
    this.#root.style.setProperty("--lane", `${this.#lineHeight}px`);
    this.#scroll.resize(Math.max(1, Math.floor((this.#height * this.#look.area) / this.#lineHeight)), longer);
  }

  #pause(paused: boolean): void {
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
    flying.times += 1;
    if (flying.times >= 3) flying.count.textContent = `×${flying.times}`;
    return true;
  }

  /** Builds all nodes, reads all widths in one layout, then starts those that have a lane. Returns how many gave up. */
  #launch(flights: Flight[]): number {
    if (flights.length === 0) return 0;
    const built = flights.map((flight) => this.#build(flight));
    const fragment = document.createDocumentFragment();
    for (const { node } of built) fragment.append(node);
    this.#root.append(fragment);
    const widths = built.map(({ node }) => node.offsetWidth);
    let lost = 0;
    flights.forEach((flight, index) => {
      const flying = built[index] as Flying;
      if (!this.#start(flying, flight, widths[index] ?? 0)) {
        this.#recycle(flying);
        lost += this.#waiting.add(flight, rank(flight), this.#now);
      }
    });
    return lost;
  }

  #build(flight: Flight): Flying {
    const flying = this.#pool.pop() ?? makeNode();
    flying.key = foldText(flight.text);
    flying.times = 1;
    flying.text.textContent = flight.text;
    flying.count.textContent = "";
    flying.node.style.color = `#${flight.color.toString(16).padStart(6, "0")}`;
    flying.node.style.fontSize = `${Math.min(1.5, Math.max(0.7, flight.size / 25))}em`;
    flying.node.className = `flight${flight.mine ? " flight-mine" : ""}${flight.host ? " flight-host" : ""}`;
    return flying;
  }

  #start(flying: Flying, flight: Flight, width: number): boolean {
    const mode = flight.mode === 4 || flight.mode === 5 ? flight.mode : 1;
    const started = mode === 1 ? this.#scrollFrom(flying, width) : this.#hold(flying, width, mode);
    if (!started) return false;
    flying.since = this.#now;
    if (flying.motion) flying.motion.startTime = performance.now(); // not the next frame, which a busy page draws late
    this.#flying.set(flying.node, flying);
    this.#byText.set(flying.key, flying);
    if (flying.motion) flying.motion.onfinish = () => this.#land(flying);
    return true;
  }

  #scrollFrom(flying: Flying, width: number): boolean {
    const lane = this.#scroll.take(this.#now, busyFor(width, this.#gap, this.#pace), this.#covered);
    if (lane < 0) return false;
    flying.node.style.top = `${lane * this.#lineHeight}px`;
    flying.motion = flying.node.animate(
      [{ transform: `translateX(${this.#width}px)` }, { transform: `translateX(${-width}px)` }],
      { duration: (this.#width + width) / this.#pace, easing: "linear", fill: "both" },
    );
    return true;
  }

  #hold(flying: Flying, width: number, mode: 4 | 5): boolean {
    const lane = this.#fixed[mode].take(this.#now, FIXED_MS);
    if (lane < 0) return false;
    const bottom = this.#height - this.#feed - (lane + 1) * this.#lineHeight;
    const top = (lane + this.#covered) * this.#lineHeight;
    flying.node.classList.add("flight-held");
    flying.node.style.top = `${mode === 4 ? bottom : top}px`;
    const at = `translateX(${Math.max(0, (this.#width - width) / 2)}px)`;
    flying.motion = flying.node.animate([{ transform: at }, { transform: at }], { duration: FIXED_MS, fill: "both" });
    return true;
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
    if (gaveUp > 0) this.#unflown(gaveUp);
    this.#waiting.drain((flight) => {
      if (this.#flying.size >= this.#most || this.#scroll.nextFree(this.#covered) > this.#now) return false;
      if (this.#repeated(flight)) return true;
      const flying = this.#build(flight);
      this.#root.append(flying.node);
      if (this.#start(flying, flight, flying.node.offsetWidth)) return true;
      this.#recycle(flying);
      return false;
    });
    this.#plan();
  }
}

/** Stops an animation where it is at this moment, whenever the next frame comes. */
function hold(motion: Animation | null, now: number): void {
  if (!motion) return;
  const at = now - Number(motion.startTime ?? now);
  motion.pause();
  motion.currentTime = at;
}

/** Lets an animation go on from where it was held. */
function release(motion: Animation | null, now: number): void {
  if (!motion) return;
  const at = Number(motion.currentTime ?? 0);
  motion.play();
  motion.startTime = now - at;
}

function makeNode(): Flying {
  const node = document.createElement("div");
  const text = document.createElement("span");
  const count = document.createElement("b");
  node.dataset.testid = "danmaku";
  node.append(text, count);
  return { node, text, count, key: "", times: 1, since: 0, motion: null };
}
