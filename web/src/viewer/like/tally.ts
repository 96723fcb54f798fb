/** Taps that become likes: by the handful, never faster than the room takes them. Pure. */

/** As many as one call may hold. */
export const HANDFUL = 20;
/** Taps beyond this wait for nobody: the room takes twenty a second. */
const MOST = 60;

export class Tally {
  #waiting = 0;

  get waiting(): number {
    return this.#waiting;
  }

  /** Notes a tap; false when so many wait already that it counts for nothing. */
  tap(): boolean {
    if (this.#waiting >= MOST) return false;
    this.#waiting += 1;
    return true;
  }

  /** The next handful to be sent. */
  take(): number {
    const handful = Math.min(HANDFUL, this.#waiting);
    this.#waiting -= handful;
    return handful;
  }

  /** A handful that was not taken waits again. */
  giveBack(handful: number): void {
    this.#waiting = Math.min(MOST, this.#waiting + handful);
  }
}
