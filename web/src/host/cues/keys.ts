/** What a key does to the card that has the focus. */

const KEYS = { enter: "said", s: "shout", l: "later", x: "skipped" } as const;

type Act = (typeof KEYS)[keyof typeof KEYS];

interface Key {
  key: string;
  altKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  isComposing: boolean;
  repeat: boolean;
  target: EventTarget | null;
  currentTarget: EventTarget | null;
}

/** Enter is the card's own only: on a button it presses the button. No key acts with a modifier, in a field or held down. */
export function keyOf(event: Key): Act | null {
  if (event.altKey || event.ctrlKey || event.metaKey || event.isComposing || event.repeat) return null;
  if (event.key === "Enter") return event.target === event.currentTarget ? "said" : null;
  return KEYS[event.key.toLowerCase() as keyof typeof KEYS] ?? null;
}
