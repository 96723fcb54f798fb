import { inLanguages } from "../../shared/i18n";
import { pluralOf } from "../../shared/i18n/plural";

const n = pluralOf("en");
const z = pluralOf("zh");

export const daysWords = inLanguages(
  {
    streak: "Streak",
    best: "Best",
    total: "In total",
    inARow: "Days in a row",
    inAll: "Check-ins in all: no break takes these away",
    dayN: (day: number) => `Day ${day}`,
    times: (count: number) => n(count, { one: "# check-in", other: "# check-ins" }),
    reached: "reached",
    more: (count: number) => n(count, { other: "# more" }),
    left: (count: number) => n(count, { other: "# left" }),
    fresh: (total: number, best: number) =>
      `A new day 1. ${n(total, { one: "# check-in", other: "# check-ins" })} in all stay yours, and your best of ${best}.`,
    liveDay: "Only days with a stream count: days without one break nothing.",
    perStream: "Each stream counts once: between streams nothing breaks.",
    dwell: (time: string) => `Open after ${time} in the room.`,
    next: (when: string) => `Next stream: ${when}`,
    closes: (when: string) => `Today closes at ${when}.`,
    zone: (name: string) => `Days follow the clock of ${name}.`,
    calendar: "Calendar",
    previousMonth: "Previous month",
    nextMonth: "Next month",
    kind: {
      done: "checked in",
      bridged: "made up or excused",
      excused: "excused",
      missed: "missed",
      open: "today, not yet",
    },
    legend: {
      done: "Checked in",
      bridged: "Made up",
      excused: "Excused",
      missed: "Missed",
      open: "Today, not yet",
    },
    sum: (done: number, possible: number) =>
      `${done} of ${n(possible, { one: "# possible day", other: "# possible days" })} this month`,
    failed: "The month could not be loaded.",
  },
  {
    streak: "连续签到",
    best: "最长",
    total: "累计",
    inARow: "连续签到奖励",
    inAll: "累计签到奖励，断签也不会减少",
    dayN: (day) => `第 ${day} 天`,
    times: (count) => z(count, { other: "累计 # 次" }),
    reached: "已达成",
    more: (count) => z(count, { other: "还差 #" }),
    left: (count) => z(count, { other: "剩 # 份" }),
    fresh: (total, best) => `新的第 1 天。累计 ${total} 次和最长 ${best} 天都还是你的。`,
    liveDay: "只有开播的日子才算，没有直播的日子不会断签。",
    perStream: "每场直播算一次，两场之间不会断签。",
    dwell: (time) => `进入直播间 ${time} 后可签到。`,
    next: (when) => `下一场：${when}`,
    closes: (when) => `今天的签到 ${when} 截止。`,
    zone: (name) => `日期按 ${name} 的时间计算。`,
    calendar: "日历",
    previousMonth: "上个月",
    nextMonth: "下个月",
    kind: { done: "已签到", bridged: "补签或豁免", excused: "已豁免", missed: "未签到", open: "今天，还没签" },
    legend: { done: "已签到", bridged: "补签", excused: "已豁免", missed: "未签到", open: "今天还没签" },
    sum: (done, possible) => `本月 ${possible} 天中签到 ${done} 天`,
    failed: "这个月没有载入成功。",
  },
);
