import { describe, expect, it } from "vitest";
import { current, inOrder, LIFE_MS, left, READING_MS, waiting } from "../../src/host/cues/queue";
import type { Card } from "../../src/host/model";

function card(id: string, priority: number, expires_at: number | null = 90_000): Card {
  const user = { id: "ann", name: "Ann", tier: 0 };
  return { id, kind: "milestone", priority, user, users: [user], count: 1, script: "", expires_at };
}

const HUNDRED = card("hundred", 50);
const BACK = card("back", 20, 50_000);
const SOONER = card("sooner", 20, 40_000);
const CALL = card("call", 35, null);

describe("the order of cards", () => {
  it("is by importance, then by what ends sooner, then by id", () => {
    const ids = inOrder([BACK, card("z", 20, 40_000), CALL, SOONER, HUNDRED]).map((one) => one.id);
    expect(ids).toEqual(["hundred", "call", "sooner", "z", "back"]);
  });

  it("puts what never ends behind what does, where they matter alike", () => {
    expect(inOrder([card("a", 35, null), card("b", 35, null), card("c", 35)]).map((one) => one.id)).toEqual([
      "c",
      "a",
      "b",
    ]);
  });
});

describe("the card that is shown", () => {
  const shown = { id: "back", since: 0 };

  it("is the first one", () => {
    expect(current([BACK, HUNDRED], [], null, false, 0)).toBe(HUNDRED);
    expect(current([], [], null, false, 0)).toBeNull();
  });

  it("stays while it is read out, then gives way to what matters more", () => {
    expect(current([BACK, HUNDRED], [], shown, false, READING_MS - 1)).toBe(BACK);
    expect(current([BACK, HUNDRED], [], shown, false, READING_MS)).toBe(HUNDRED);
    expect(current([BACK, HUNDRED], [], shown, true, READING_MS)).toBe(BACK);
  });

  it("never gives way to what matters no more than itself", () => {
    expect(current([BACK, SOONER], [], shown, false, 10 * READING_MS)).toBe(BACK);
  });

  it("goes when it was missed, unless it is held", () => {
    expect(current([HUNDRED], [BACK], shown, false, 0)).toBe(HUNDRED);
    expect(current([HUNDRED], [BACK], shown, true, 0)).toBe(BACK);
    expect(current([], [BACK], shown, false, 0)).toBeNull();
  });

  it("goes when it was put away, held or not", () => {
    expect(current([HUNDRED], [], shown, true, 0)).toBe(HUNDRED);
  });

  it("is followed by the others in order", () => {
    expect(waiting([BACK, HUNDRED, SOONER], BACK).map((one) => one.id)).toEqual(["hundred", "sooner"]);
    expect(waiting([], null)).toEqual([]);
  });
});

describe("the time a card has left", () => {
  const at = (now: number) => left(card("a", 1, LIFE_MS), now);

  it("runs down, and is called soon in its last ten seconds", () => {
    expect(at(0)).toEqual({ ms: 90_000, share: 1, soon: false, over: false });
    expect(at(45_000)).toMatchObject({ share: 0.5, soon: false });
    expect(at(80_000)).toMatchObject({ ms: 10_000, soon: true });
    expect(at(90_000)).toEqual({ ms: 0, share: 0, soon: false, over: true });
    expect(at(99_000)).toMatchObject({ ms: 0, over: true });
  });

  it("is never more than a whole ring, whatever the clocks say", () => {
    expect(at(-5_000)?.share).toBe(1);
  });

  it("is not there for a card without an end", () => {
    expect(left(CALL, 0)).toBeNull();
  });
});
