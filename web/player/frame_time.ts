// Measures the time between frames, and how long to wait for the next one.

const SAMPLES = 9;
// A camera that misses a frame or two has not stalled.
const FRAMES = 4;
const LEAST_MS = 2000;

export class FrameTime {
  #intervalsMs: number[] = [];
  #lastMs: number | undefined;
  /** Used until it has been measured: from the server, or 0. */
  expectedMs = 0;

  /** A new connection. */
  reset(): void {
    this.#intervalsMs = [];
    this.interrupt();
  }

  /** The next picture does not follow the last one. */
  interrupt(): void {
    this.#lastMs = undefined;
  }

  /** A picture was captured at `atMs`, of any one clock. Repeats of a picture are ignored. */
  add(atMs: number): void {
    if (this.#lastMs !== undefined && atMs !== this.#lastMs) {
      this.#intervalsMs = [...this.#intervalsMs.slice(1 - SAMPLES), atMs - this.#lastMs];
    }
    this.#lastMs = atMs;
  }

  /** After how long without a picture the camera seems to have stalled. */
  stallMs(): number {
    const sorted = [...this.#intervalsMs].sort((a, b) => a - b);
    const medianMs = sorted[sorted.length >> 1];
    return Math.max(LEAST_MS, FRAMES * (medianMs ?? this.expectedMs));
  }
}
