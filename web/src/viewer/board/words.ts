import { inLanguages } from "../../shared/i18n";
import { pluralOf } from "../../shared/i18n/plural";

const n = pluralOf("en");
const z = pluralOf("zh");

export const boardWords = inLanguages(
  {
    title: "Streaks of this room",
    rank: "Rank",
    member: "Member",
    inARow: "In a row",
    inAll: "In all",
    days: (count: number) => n(count, { one: "# day", other: "# days" }),
    you: "you",
    more: "others between",
    ties: "With the same days, whoever reached them first is ahead.",
    ahead: (name: string, count: number) => `${name} is ${n(count, { one: "# day", other: "# days" })} ahead of you.`,
    tied: (name: string) => `${name} has as many days as you and was earlier.`,
    first: "Nobody is ahead of you.",
    empty: "Nobody has a streak here yet. Check in and be the first.",
    notOn: "You are not on the board yet: check in to be on it.",
    hidden: "You are hidden: others do not see your streak.",
    hide: "Hide my streak from others",
    failed: "The board could not be loaded.",
    guest: "Sign in at the shop to be on the board.",
    again: "Try again",
    notSaved: "That could not be saved. Try again in a moment.",
  },
  {
    title: "本房间连续签到榜",
    rank: "名次",
    member: "成员",
    inARow: "连续",
    inAll: "累计",
    days: (count) => z(count, { other: "# 天" }),
    you: "我",
    more: "中间还有其他人",
    ties: "天数相同时，先达到的排在前面。",
    ahead: (name, count) => `${name} 领先你 ${count} 天。`,
    tied: (name) => `${name} 与你天数相同，但更早达到。`,
    first: "没有人在你前面。",
    empty: "这里还没有人连续签到。签到就是第一个。",
    notOn: "你还不在榜上，签到即可上榜。",
    hidden: "你已隐藏，其他人看不到你的连续签到。",
    hide: "对他人隐藏我的连续签到",
    failed: "榜单没有载入成功。",
    guest: "在商城登录后可上榜。",
    again: "重试",
    notSaved: "没有保存成功，请稍后再试。",
  },
);
