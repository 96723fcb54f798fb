import { inLanguages } from "../../shared/i18n";

export const offAirWords = inLanguages(
  {
    notLive: "Not live right now",
    rightPlace: (title: string) => `You are in the right room: ${title}.`,
    nextUnknown: "The next stream is not announced yet.",
    endedAfter: (time: string) => `It lasted ${time}.`,
    youToday: (day: number) => `You: day ${day}, checked in.`,
    worksOffAir: "Chat, calendar and your streak stay open.",
  },
  {
    notLive: "现在没有直播",
    rightPlace: (title) => `你没有走错：${title}。`,
    nextUnknown: "下一场时间还没有公布。",
    endedAfter: (time) => `本场时长 ${time}。`,
    youToday: (day) => `你：第 ${day} 天，已签到。`,
    worksOffAir: "聊天、日历和连续签到照常可用。",
  },
);
