// Pictures that the network has held back and delivered at once: a lost packet holds back all that
// follows it until it has been sent again.

import type {CodedPicture} from './protocol.js';

// More are those of a connection that has stood still, whose motion is over.
const MAXIMUM_PICTURES = 8;
// Of a display of 60 Hz. Pictures that are drawn closer together are never seen.
const DISPLAY_FRAME_MS = 16;
// Messages that arrive together are at most this far apart.
const TOGETHER_MS = 4;
// A browser that takes longer to decode one is better off with the newest only.
const MAXIMUM_DECODE_MS = 6;

/**
 * Shows the last two of such pictures, a display frame apart, so that motion jumps less: the newest
 * comes a display frame later, and only if nothing but the network was late. (To show all of them
 * costs more delay than it gains: with 5 % loss at 80 ms, 2 pictures a second more, 9 ms at the
 * median.)
 */
export class CatchUp {
  #waiting: CodedPicture[] = [];
  #together = 0;
  #lastArrivalMs = -Infinity;
  #nextMs = -Infinity;

  /** A picture has arrived. */
  arrived(atMs: number): void {
    this.#together = atMs - this.#lastArrivalMs <= TOGETHER_MS ? this.#together + 1 : 1;
    this.#lastArrivalMs = atMs;
  }

  /** A picture was drawn. */
  drawn(atMs: number): void {
    this.#nextMs = atMs + DISPLAY_FRAME_MS;
  }

  /** Forgets what waits; returns how many pictures that were. */
  clear(): number {
    const forgotten = this.#waiting.length;
    this.#waiting = [];
    return forgotten;
  }

  /**
   * Of those that wait and `pictures`, which have arrived since the last call: what to decode now, and
   * after how long to ask again, if anything still waits.
   */
  take(pictures: readonly CodedPicture[], decodeMs: number, atMs: number): {
    readonly now: readonly CodedPicture[],
    readonly againInMs?: number,
  } {
    const wasWaiting = this.#waiting.length > 0;
    const all = [...this.#waiting, ...pictures];
    this.#waiting = [];
    const isSpread = (wasWaiting || this.#together >= pictures.length) && decodeMs <= MAXIMUM_DECODE_MS &&
        all.filter(isNew).length <= MAXIMUM_PICTURES && all.every(isUsual);
    if (!isSpread) {
      return {now: all};
    }
    if (wasWaiting && atMs < this.#nextMs) {
      this.#waiting = all;
      return {now: [], againInMs: this.#nextMs - atMs};
    }
    const beforeLast = all.flatMap((picture, index) => isNew(picture) ? [index] : []).at(-2);
    if (beforeLast === undefined) {
      return {now: all};
    }
    this.#waiting = all.slice(beforeLast + 1);
    return {now: all.slice(0, beforeLast + 1), againInMs: DISPLAY_FRAME_MS};
  }
}

function isNew({stamp}: CodedPicture): boolean {
  return stamp?.repeat !== true;
}

// Not of a join, whose pictures are of the past, nor of a server that does not tell; and with an I picture there
// is no motion to continue.
function isUsual({stamp, intra}: CodedPicture): boolean {
  return stamp !== undefined && !stamp.discontinuity && !intra;
}
