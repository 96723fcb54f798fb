/** How wide a comment will be: measured on a canvas, since asking its node makes the browser lay out the whole page. */

/** What a comment's look adds at both sides, in px, and for emotes in parts of their smaller letters (stage.css). */
const PADDING = { plain: 8, mine: 20, host: 24 };
const EMOTE = { size: 0.86, padding: 1.2 };

interface Worded {
  text: string;
  emote: string | null;
  mine: boolean;
  host: boolean;
}

export class Ruler {
  readonly #root: HTMLElement;
  readonly #canvas = document.createElement("canvas").getContext("2d");
  #family = "sans-serif";
  #spacing = { letter: "0px", word: "0px" };

  constructor(root: HTMLElement) {
    this.#root = root;
  }

  /** Looks what letters the layer has now. */
  look(): void {
    const { fontFamily, letterSpacing, wordSpacing } = getComputedStyle(this.#root);
    this.#family = fontFamily;
    this.#spacing = { letter: px(letterSpacing), word: px(wordSpacing) };
  }

  /** The width of a comment in letters of so many px. */
  width({ text, emote, mine, host }: Worded, size: number): number {
    const letters = emote ? size * EMOTE.size : size;
    const sides = host ? PADDING.host : mine ? PADDING.mine : PADDING.plain;
    return Math.ceil(this.#measured(text, letters) + sides + (emote ? letters * EMOTE.padding : 0));
  }

  #measured(text: string, size: number): number {
    const canvas = this.#canvas;
    if (!canvas) return text.length * size;
    canvas.font = `650 ${size}px ${this.#family}`;
    canvas.letterSpacing = this.#spacing.letter;
    canvas.wordSpacing = this.#spacing.word;
    return canvas.measureText(text).width;
  }
}

function px(spacing: string): string {
  return spacing === "normal" ? "0px" : spacing;
}
