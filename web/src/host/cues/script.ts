import { lang } from "../../shared/i18n";
import type { Card } from "../model";

/** What may be said, in the language of whoever reads it out; a card of the page's own is in one. */
export function scriptOf({ script, scripts }: Card): string {
  return scripts?.[lang.value] ?? script;
}
