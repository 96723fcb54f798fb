/**
 * Whether Enter sends. While a candidate of an input method is confirmed it must not: `isComposing` says so, except in
 * Safari, which ends the composition before the key and then gives the key the code 229.
 */
export function sends(key: { key: string; shiftKey: boolean; isComposing: boolean; keyCode: number }): boolean {
  return key.key === "Enter" && !key.shiftKey && !key.isComposing && key.keyCode !== 229;
}

const segmenter = new Intl.Segmenter();

/** The length of a text as a reader counts it: a flag or a family is one. */
export function graphemes(text: string): number {
  let count = 0;
  for (const _ of segmenter.segment(text)) count += 1;
  return count;
}
