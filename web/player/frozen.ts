// Tells how old the picture on screen is while that is not live, so that nobody takes an old one for live.

// A picture that is late again and again is told so that often.
const TELL_EVERY_MS = 1000;
// Pictures are in time again when they are so much younger than late ones.
const MARGIN_MS = 1000;

interface Picture {
  readonly atMs: number;
  readonly ageMs: number;
  readonly isLate: boolean;
}

export class FrozenWatch {
  readonly #emit: (seconds: number, late: boolean) => void;
  #picture: Picture|undefined;
  #wantedMs: number | undefined;
  #seconds = 0;
  #late = false;
  #toldMs = -Infinity;

  /**
   * `emit` gets the age of the picture on screen, once a second while that must not be taken for live, and 0 when it
   * is live again. `late`: pictures come, but late.
   */
  constructor(emit: (seconds: number, late: boolean) => void) {
    this.#emit = emit;
  }

  /**
   * What is on screen is what a picture that arrived at `atMs` shows: a new one, or one that repeats it. `ageMs`: how
   * old it was then, 0 where that is not known; `lateMs`: from which age on it is late.
   */
  live(atMs: number, ageMs: number, lateMs: number): void {
    const isLate = ageMs > (this.#picture?.isLate === true ? lateMs - MARGIN_MS : lateMs);
    this.#picture = {atMs, ageMs, isLate};
    if (!isLate) {
      this.#set(0, false);
    }
  }

  /** `isWanted`: somebody sees the picture, and wants a live one. `limitMs`: after which it is frozen. */
  tick(atMs: number, isWanted: boolean, limitMs: number): void {
    this.#wantedMs = isWanted ? this.#wantedMs ?? atMs : undefined;
    if (this.#picture === undefined || this.#wantedMs === undefined) {
      this.#set(0, false);
      return;
    }
    const {atMs: arrivedMs, ageMs, isLate} = this.#picture;
    // One that was not wanted for some time has the chance to become live before.
    const isFrozen = atMs - Math.max(arrivedMs, this.#wantedMs) >= limitMs;
    const seconds = Math.floor((atMs - arrivedMs + ageMs) / 1000);
    if (isFrozen) {
      this.#set(seconds, false);
    } else if (!isLate) {
      this.#set(0, false);
    } else if (!this.#late || atMs - this.#toldMs >= TELL_EVERY_MS) {
      this.#toldMs = atMs;
      this.#set(seconds, true);
    }
  }

  #set(seconds: number, late: boolean): void {
    if (seconds !== this.#seconds || late !== this.#late) {
      this.#seconds = seconds;
      this.#late = late;
      this.#emit(seconds, late);
    }
  }
}
