// How long a connection may be silent before it is replaced.

const LONGEST_MS = 60_000;
const PLAY_MS = 10_000;

/**
 * Over a slow line one picture may take longer than the usual limit. So that it arrives at some time, each
 * new connection that falls silent as well makes the limits twice as long, until there were 10 s of play.
 */
export class SilenceBackOff {
  #factor = 1;
  #hasEnded = false;
  #playsSinceMs: number | undefined;

  /** The limit that is `ms` usually. */
  limitMs(ms: number): number {
    return Math.min(LONGEST_MS, ms * this.#factor);
  }

  /** The connection was silent for too long, and is replaced. */
  ended(): void {
    if (this.#hasEnded) {
      this.#factor = Math.min(LONGEST_MS, 2 * this.#factor);
    }
    this.#hasEnded = true;
    this.#playsSinceMs = undefined;
  }

  /** Call it often. */
  tick(atMs: number, plays: boolean): void {
    this.#playsSinceMs = plays ? this.#playsSinceMs ?? atMs : undefined;
    if (this.#playsSinceMs !== undefined && atMs - this.#playsSinceMs >= PLAY_MS) {
      this.#factor = 1;
      this.#hasEnded = false;
    }
  }
}
