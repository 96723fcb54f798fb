import { inLanguages } from "../../shared/i18n";
import { pluralOf } from "../../shared/i18n/plural";

const n = pluralOf("en");

export const penWords = inLanguages(
  {
    title: "My messages",
    colour: "Colour",
    way: "Where they are shown",
    preview: "Your words",
    locked: (level: number | undefined, points: string | null) =>
      level === undefined
        ? "not open to you yet"
        : points === null
          ? `from Lv ${level} on`
          : `Lv ${level} · ${points} to go`,
    points: (count: number) => n(count, { one: "# point", other: "# points" }),
    held: "They stand still for 4 seconds; two at a time have room, others scroll.",
    emotes: "Emotes",
    recent: "Used last",
    all: "All",
    packs: { hello: "Hello", cheer: "Cheer", fan: "Fans", patron: "Patrons" } as Record<string, string>,
    from: (level: number | undefined) => (level === undefined ? "not open yet" : `from Lv ${level}`),
    close: "Close",
  },
  {
    title: "我的弹幕样式",
    colour: "颜色",
    way: "显示位置",
    preview: "你的弹幕",
    locked: (level, points) =>
      level === undefined ? "还没有解锁" : points === null ? `Lv ${level} 解锁` : `Lv ${level} · 还差 ${points}`,
    points: (count) => pluralOf("zh")(count, { other: "# 分" }),
    held: "固定显示 4 秒；同时最多两条，其余改为滚动。",
    emotes: "表情",
    recent: "最近使用",
    all: "全部",
    packs: { hello: "打招呼", cheer: "欢呼", fan: "粉丝", patron: "守护" },
    from: (level) => (level === undefined ? "未解锁" : `Lv ${level} 解锁`),
    close: "关闭",
  },
);
