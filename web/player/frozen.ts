// Tells how old the picture on screen is, so that nobody takes an old one for live.

export class FrozenWatch {
  readonly #emit: (seconds: number) => void;
  #liveMs: number | undefined;
  #wantedMs: number | undefined;
  #seconds = 0;

  /** `emit` gets the seconds since the picture arrived, once a second, and 0 when there is a new one. */
  constructor(emit: (seconds: number) => void) {
    this.#emit = emit;
  }

  /** What is on screen is what a picture that arrived at `atMs` shows: a new one, or one that repeats it. */
  live(atMs: number): void {
    this.#liveMs = atMs;
    this.#set(0);
  }

  /** `isWanted`: somebody sees the picture, and wants a live one. `limitMs`: after which it is frozen. */
  tick(atMs: number, isWanted: boolean, limitMs: number): void {
    this.#wantedMs = isWanted ? this.#wantedMs ?? atMs : undefined;
    if (this.#liveMs === undefined || this.#wantedMs === undefined) {
      this.#set(0);
      return;
    }
    // One that was not wanted for some time has the chance to become live before.
    const isFrozen = atMs - Math.max(this.#liveMs, this.#wantedMs) >= limitMs;
    this.#set(isFrozen ? Math.floor((atMs - this.#liveMs) / 1000) : 0);
  }

  #set(seconds: number): void {
    if (seconds !== this.#seconds) {
      this.#seconds = seconds;
      this.#emit(seconds);
    }
  }
}
