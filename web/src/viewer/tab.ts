import { signal } from "@preact/signals";

export type Tab = "chat" | "checkin" | "board" | "me";

/** Which panel is open beside the picture. */
export const tab = signal<Tab>("chat");
