/** Which language the page speaks: picked when it opens, changed by its reader. */

import { lang, pickLang } from "./i18n";
import { choose, settings } from "./settings";

export function pickLanguage(): void {
  lang.value = pickLang(new URLSearchParams(location.search).get("lang"), settings.value.lang, navigator.languages);
}

export function setLang(next: "en" | "zh"): void {
  lang.value = next;
  choose({ lang: next });
}
