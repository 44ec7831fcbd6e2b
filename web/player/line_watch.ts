// Judges a viewer's line by when its pictures arrive.

import type {PictureStamp} from './protocol.js';

const MINIMUM_OVER_S = 30;
// No delay differs so much: the server's machine has started again, and its clock with it.
const OTHER_CLOCK_MS = 60_000;
const EXCESS_OVER_MS = 5000;
// Above the minimum: less than that is jitter.
const POOR_ABOVE_MS = 40;
const MISSING_FRAMES = 2.5;
const MISSING_MS = 100;
const UNKNOWN_FRAME_MS = 100;
// After that, it is the camera that is away.
const MISSING_LIMIT_MS = 10_000;
const LATE_ABOVE_MS = 2000;
const LATE_FOR_MS = 3000;
// Between reconnections of a line that stays late.
const FIRST_AGAIN_MS = 5000;
const LAST_AGAIN_MS = 60_000;

/**
 * Compares the server's clock with ours without knowing their difference: it is in each delay, so also in
 * the minimum.
 */
export class LineWatch {
  // Of the time from sending to arrival, for each second.
  #minima: {readonly second: number; readonly ms: number}[] = [];
  // The most above the minimum in some seconds.
  #excess: {readonly atMs: number; readonly ms: number} = {atMs: -Infinity, ms: 0};
  #aboveMinimumMs = 0;
  #lastPictureMs = -Infinity;
  #leastAgeMs = Infinity;
  #late: {readonly sinceMs: number; readonly workMs: number} | undefined;
  #lateAgainMs = -Infinity;
  #againMs = FIRST_AGAIN_MS;

  /** A new connection, over the same line. */
  begin(atMs: number): void {
    this.#leastAgeMs = Infinity;
    this.resume(atMs);
  }

  /** This page has slept, or the stream was interrupted at its wish. */
  resume(atMs: number): void {
    this.#aboveMinimumMs = 0;
    this.#lastPictureMs = atMs;
    this.#late = undefined;
  }

  /** `workMs`: the time that decoding has taken so far. */
  add({sentMs, capturedMs, repeat}: PictureStamp, atMs: number, workMs: number): void {
    this.#lastPictureMs = atMs;
    this.#addDelay(atMs - sentMs, atMs);
    // A repeat has the capture time of another picture.
    if (!repeat) {
      this.#addAge(atMs - capturedMs, atMs, workMs);
    }
  }

  /** How much longer than at its best the line took for the latest pictures, perhaps of another connection. */
  get excessMs(): number {
    return this.#excess.ms;
  }

  /** Whether the delay rises, or pictures are missing. */
  isPoor(atMs: number, frameMs = UNKNOWN_FRAME_MS): boolean {
    const sinceMs = atMs - this.#lastPictureMs;
    const isMissing = sinceMs > MISSING_FRAMES * frameMs + MISSING_MS && sinceMs < MISSING_LIMIT_MS;
    return isMissing || (this.#aboveMinimumMs > POOR_ABOVE_MS && sinceMs < MISSING_LIMIT_MS);
  }

  /**
   * Whether pictures have been late for so long that another connection is worth a try; true only once for
   * each try, ever more seldom. Decoding that takes most of the time is late by itself.
   */
  takeLate(atMs: number, workMs: number): boolean {
    const late = this.#late;
    if (late === undefined || atMs - late.sinceMs < LATE_FOR_MS || atMs < this.#lateAgainMs) {
      return false;
    }
    this.#late = undefined;
    if (workMs - late.workMs > (atMs - late.sinceMs) / 2) {
      return false;
    }
    // In time for as long as it takes to begin from the start.
    if (atMs - this.#lateAgainMs > LAST_AGAIN_MS) {
      this.#againMs = FIRST_AGAIN_MS;
    }
    this.#lateAgainMs = atMs + this.#againMs;
    this.#againMs = Math.min(LAST_AGAIN_MS, 2 * this.#againMs);
    return true;
  }

  #addDelay(delayMs: number, atMs: number): void {
    if (Math.abs(delayMs - (this.#minima.at(-1)?.ms ?? delayMs)) > OTHER_CLOCK_MS) {
      this.#minima = [];
      this.#excess = {atMs, ms: 0};
    }
    const second = Math.floor(atMs / 1000);
    const newest = this.#minima.at(-1);
    if (newest?.second !== second) {
      const recent = this.#minima.filter((each) => each.second > second - MINIMUM_OVER_S);
      this.#minima = [...recent, {second, ms: delayMs}];
    } else if (delayMs < newest.ms) {
      this.#minima[this.#minima.length - 1] = {second, ms: delayMs};
    }
    this.#aboveMinimumMs = delayMs - Math.min(...this.#minima.map(({ms}) => ms));
    if (this.#aboveMinimumMs >= this.#excess.ms || atMs - this.#excess.atMs > EXCESS_OVER_MS) {
      this.#excess = {atMs, ms: this.#aboveMinimumMs};
    }
  }

  #addAge(ageMs: number, atMs: number, workMs: number): void {
    this.#leastAgeMs = Math.min(this.#leastAgeMs, ageMs);
    if (ageMs - this.#leastAgeMs <= LATE_ABOVE_MS) {
      this.#late = undefined;
    } else {
      this.#late ??= {sinceMs: atMs, workMs};
    }
  }
}
