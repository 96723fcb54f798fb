import { inLanguages } from "../../shared/i18n";
import { en } from "./en";
import { zh } from "./zh";

/** The console's own words in the reader's language; what every page says is in shared/i18n. */
export const words = inLanguages(en, zh);
