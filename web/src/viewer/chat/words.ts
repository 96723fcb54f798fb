import { inLanguages } from "../../shared/i18n";

export const noteWords = inLanguages(
  {
    tierDown: (tier: string) => `Your level is now ${tier}`,
    youName: "You",
    daysExcused: (first: string, last: string, reason: string) =>
      `${first === last ? first : `${first} – ${last}`}: excused, no streak breaks${reason ? ` (${reason})` : ""}`,
    ordered: (name: string, title: string) => `${name} ordered ${title}`,
    orderedBySomebody: (title: string) => `Ordered: ${title}`,
    tierUp: (name: string, tier: string) => `${name} is now ${tier}`,
  },
  {
    tierDown: (tier) => `你的等级变为 ${tier}`,
    youName: "你",
    daysExcused: (first, last, reason) =>
      `${first === last ? first : `${first}至${last}`}已豁免，连续签到不中断${reason ? `（${reason}）` : ""}`,
    ordered: (name, title) => `${name} 下单了 ${title}`,
    orderedBySomebody: (title) => `有人下单：${title}`,
    tierUp: (name, tier) => `${name} 升到 ${tier}`,
  },
);
