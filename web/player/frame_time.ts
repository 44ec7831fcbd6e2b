// Measures the time between frames, and how long to wait for the next one.

const SAMPLES = 9;
// A camera that misses a frame or two has not stalled.
const FRAMES = 4;
const LEAST_STALL_MS = 2000;
const LEAST_FROZEN_MS = 1000;
const LEAST_LATE_MS = 3000;

export class FrameTime {
  #intervalsMs: number[] = [];
  #beforeMs: number | undefined;
  #last: {readonly atMs: number; readonly sequence: number} | undefined;
  /** Used until it has been measured: from the server, or 0. */
  expectedMs = 0;

  /** A new connection, probably to the same camera. */
  reset(): void {
    this.#beforeMs = this.ms;
    this.#intervalsMs = [];
    this.interrupt();
  }

  /** The next picture does not follow the last one. */
  interrupt(): void {
    this.#last = undefined;
  }

  /**
   * Frame number `sequence` was captured at `atMs`, of any one clock. Frames that repeat the picture before
   * them are left out; the numbers tell how many there were, so that a still scene is not a slow camera.
   */
  add(atMs: number, sequence: number): void {
    const last = this.#last;
    if (last !== undefined && atMs > last.atMs && sequence > last.sequence) {
      const intervalMs = (atMs - last.atMs) / (sequence - last.sequence);
      this.#intervalsMs = [...this.#intervalsMs.slice(1 - SAMPLES), intervalMs];
    }
    if (atMs !== last?.atMs) {
      this.#last = {atMs, sequence};
    }
  }

  /** Undefined if it is neither measured nor expected. */
  get ms(): number | undefined {
    const sorted = [...this.#intervalsMs].sort((a, b) => a - b);
    const expectedMs = this.expectedMs > 0 ? this.expectedMs : undefined;
    return sorted[sorted.length >> 1] ?? expectedMs ?? this.#beforeMs;
  }

  /** After how long without a picture the camera seems to have stalled. */
  stallMs(): number {
    return Math.max(LEAST_STALL_MS, FRAMES * (this.ms ?? 0));
  }

  /** After how long without a new picture the one on screen must not be taken for live. */
  frozenMs(): number {
    return Math.max(LEAST_FROZEN_MS, FRAMES * (this.ms ?? 0));
  }

  /** How old a picture must be when it arrives not to be taken for live. */
  lateMs(): number {
    return Math.max(LEAST_LATE_MS, FRAMES * (this.ms ?? 0));
  }
}
