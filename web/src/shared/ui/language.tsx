import { lang } from "../i18n";
import { setLang } from "../language";

/** Leads to the other language, in that language's own word. */
export function LanguageSwitch() {
  return (
    <button
      type="button"
      class="bare lang"
      data-testid="lang"
      onClick={() => setLang(lang.value === "en" ? "zh" : "en")}
    >
      {lang.value === "en" ? <span lang="zh">中文</span> : <span lang="en">EN</span>}
    </button>
  );
}
