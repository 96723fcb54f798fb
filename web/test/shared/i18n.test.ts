import { beforeEach, describe, expect, it } from "vitest";
import {
  count,
  dayName,
  fetchWords,
  lang,
  lasting,
  monthName,
  pickLang,
  span,
  weekStart,
  words,
} from "../../src/shared/i18n";
import { en } from "../../src/shared/i18n/en";
import { zh } from "../../src/shared/i18n/zh";

beforeEach(() => {
  lang.value = "en";
});

describe("plurals", () => {
  it("say one day and two days", () => {
    expect([en.moreToSentence(1, "the coupon"), en.moreToSentence(2, "the coupon")]).toEqual([
      "1 more day to the coupon",
      "2 more days to the coupon",
    ]);
    expect(zh.moreToSentence(2, "优惠券")).toBe("再签 2 天得 优惠券");
  });

  it.each([
    [0, "0 points"],
    [1, "1 point"],
    [1234, "1,234 points"],
  ])("%i gives %s", (value, text) => {
    expect(en.points(value)).toBe(text);
  });
});

describe("catalogues", () => {
  it("have the same keys and the same kind of entry, and nothing is empty", () => {
    const shape = (catalogue: object) => Object.entries(catalogue).map(([key, value]) => `${key}:${typeof value}`);
    expect(shape(zh)).toEqual(shape(en));
    for (const value of [...Object.values(en), ...Object.values(zh)]) expect(value).not.toBe("");
  });

  it("switch without a reload, once their words are here", async () => {
    lang.value = "zh";
    expect(words.value.checkIn).toBe("Check in");
    await fetchWords("zh");
    expect(words.value.checkIn).toBe("签到");
  });
});

describe("the language", () => {
  it.each([
    ["zh", "en", ["en-US"], "zh"],
    [null, "zh", ["en-US"], "zh"],
    [null, null, ["fr-FR", "zh-Hant-TW"], "zh"],
    ["xx", null, ["fr"], "en"],
  ] as const)("asked %s, kept %s, device %j gives %s", (asked, kept, device, expected) => {
    expect(pickLang(asked, kept, device)).toBe(expected);
  });
});

describe("numbers and dates", () => {
  it("are short where they are long", () => {
    expect([count(1234), count(12_345)]).toEqual(["1,234", "12.3K"]);
    lang.value = "zh";
    expect(count(12_345)).toBe("1.2万");
  });

  it("take a date as the server wrote it, in no zone", () => {
    expect([dayName("2026-11-01"), monthName("2026-11")]).toEqual(["November 1", "November 2026"]);
  });

  it("start the week on Sunday in the United States and on Monday in China", () => {
    expect([weekStart("en", ["en-US"]), weekStart("zh", ["zh-CN"]), weekStart("en", ["en-GB"])]).toEqual([7, 1, 1]);
  });

  it.each([
    [40_000, "0:40"],
    [751_000, "12:31"],
    [18_720_000, "5:12:00"],
    [-5, "0:00"],
  ])("%i ms is %s", (ms, text) => {
    expect(span(ms)).toBe(text);
  });
});

it.each([
  [1, "1 minute", "1分钟"],
  [119, "119 minutes", "119分钟"],
  [121, "3 hours", "3小时"],
  [2 * 24 * 60, "2 days", "2天"],
])("%s minutes are %s", (minutes, english, chinese) => {
  const was = lang.value;
  lang.value = "en";
  expect(lasting(minutes)).toBe(english);
  lang.value = "zh";
  expect(lasting(minutes).replace(/\s/g, "")).toBe(chinese);
  lang.value = was;
});
