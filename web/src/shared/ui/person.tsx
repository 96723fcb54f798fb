import type { Person } from "../wire";

const HUES = 8;

function hueOf(id: string): number {
  let sum = 0;
  for (const letter of id) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) >>> 0;
  return sum % HUES;
}

/** The first letter of a name in a colour of its own. */
export function Avatar({ user, size = "small" }: { user: Person; size?: "small" | "large" }) {
  const [first = "?"] = user.name.trim() || "?";
  return (
    <span class={`avatar avatar-${size} hue-${hueOf(user.id)}`} aria-hidden="true">
      {first.toUpperCase()}
    </span>
  );
}

/** The level of a member, in word and colour; a guest and level 0 have none. */
export function Level({ tier }: { tier: number }) {
  if (!tier) return null;
  return <span class={`level tier-${Math.min(6, tier)}`}>Lv{tier}</span>;
}

export function Name({ user }: { user: Person }) {
  return (
    <bdi class="name" title={user.name}>
      {user.name}
    </bdi>
  );
}
