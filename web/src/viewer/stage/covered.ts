import { signal } from "@preact/signals";

/** How much of the picture's upper edge a band covers, in px. */
export const covered = signal(0);
