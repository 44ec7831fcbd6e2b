// The local clock, and its offset from the server's steady clock.

/** Milliseconds since the epoch; steady; the same in a page and in its workers. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

interface Sample {
  readonly takenMs: number;
  readonly roundTripMs: number;
  readonly offsetMs: number;
}

// Two clocks drift apart by some 20 us a second: old samples are worse than ones of a longer round trip.
const WINDOW_MS = 20_000;

/** The offset between two clocks, from pings: the one with the shortest round trip is the most exact. */
export class ClockOffset {
  #samples: Sample[] = [];

  /** `serverMs` was read on the server between `sentMs` and `receivedMs` here. */
  add(sentMs: number, receivedMs: number, serverMs: number): void {
    this.#samples = this.#samples.filter((sample) => receivedMs - sample.takenMs <= WINDOW_MS);
    this.#samples.push({
      takenMs: receivedMs,
      roundTripMs: receivedMs - sentMs,
      offsetMs: serverMs - (sentMs + receivedMs) / 2,
    });
  }

  /** Server's clock minus ours; undefined before the first ping came back. */
  get offsetMs(): number | undefined {
    return this.#best()?.offsetMs;
  }

  get roundTripMs(): number | undefined {
    return this.#best()?.roundTripMs;
  }

  /** Forgets all samples: the next server may have another clock. */
  reset(): void {
    this.#samples = [];
  }

  #best(): Sample | undefined {
    return this.#samples.reduce<Sample | undefined>(
        (best, sample) =>
            best === undefined || sample.roundTripMs <= best.roundTripMs ? sample : best,
        undefined);
  }
}
