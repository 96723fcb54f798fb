/** The ids of events already applied; the oldest are forgotten, long after a recovery could bring them again. */
export class Seen {
  readonly #ids = new Set<string>();

  constructor(readonly limit = 4096) {}

  /** Notes the id; false when it was there already. */
  note(id: string): boolean {
    if (this.#ids.has(id)) return false;
    this.#ids.add(id);
    if (this.#ids.size > this.limit) for (const oldest of this.#ids) return this.#ids.delete(oldest);
    return true;
  }
}
