import { inLanguages } from "../../shared/i18n";

export const shopWords = inLanguages(
  { onShow: "On show now", before: "before:", look: "See it", close: "Close" },
  { onShow: "正在讲解", before: "原价：", look: "去看看", close: "关闭" },
);
