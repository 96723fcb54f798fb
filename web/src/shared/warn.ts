const told = new Set<string>();

/** Writes a fault to the browser's console, once per kind: a busy room must not flood it. */
export function warn(kind: string, detail?: unknown): void {
  if (told.has(kind)) return;
  told.add(kind);
  console.warn(`roomserver: ${kind}`, detail ?? "");
}
