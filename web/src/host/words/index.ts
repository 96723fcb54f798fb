import { computed } from "@preact/signals";
import { lang } from "../../shared/i18n";
import { en } from "./en";
import { zh } from "./zh";

const CATALOGUES = { en, zh };

/** The console's own words in the reader's language; what every page says is in shared/i18n. */
export const words = computed(() => CATALOGUES[lang.value]);
