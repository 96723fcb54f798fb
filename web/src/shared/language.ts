/** Which language the page speaks: picked when it opens, changed by its reader. */

import { fetchWords, lang, pickLang } from "./i18n";
import { choose, settings } from "./settings";
import { warn } from "./warn";

/** Picks it; done when its words are here, or cannot be had: then the page is in English. */
export async function pickLanguage(): Promise<void> {
  lang.value = pickLang(new URLSearchParams(location.search).get("lang"), settings.value.lang, navigator.languages);
  await fetched();
}

export function setLang(next: "en" | "zh"): void {
  choose({ lang: next });
  fetchWords(next).then(
    () => {
      lang.value = next;
    },
    (error) => warn("the words of a language could not be fetched", error),
  );
}

async function fetched(): Promise<void> {
  try {
    await fetchWords(lang.value);
  } catch (error) {
    warn("the words of a language could not be fetched", error);
  }
}
