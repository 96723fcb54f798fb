import { afterEach, expect, test } from "vitest";
import { scriptOf } from "../../src/host/cues/script";
import type { Card } from "../../src/host/model";
import { lang } from "../../src/shared/i18n";

const user = { id: "ann", name: "Ann", tier: 0 };
const called: Card = {
  id: "1",
  kind: "call",
  priority: 1,
  user,
  users: [user],
  count: 1,
  script: "Hi",
  expires_at: null,
};

afterEach(() => {
  lang.value = "en";
});

test("a card is read out in the language of the console, whatever the room's is", () => {
  const cue: Card = {
    ...called,
    kind: "first_time",
    script: "Welcome, Ann!",
    scripts: { en: "Welcome, Ann!", zh: "欢迎Ann！" },
  };
  expect(scriptOf(cue)).toBe("Welcome, Ann!");
  lang.value = "zh";
  expect(scriptOf(cue)).toBe("欢迎Ann！");
  expect(scriptOf(called)).toBe("Hi");
});
