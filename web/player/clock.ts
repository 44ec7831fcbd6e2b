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
// The most that a clock is slewed, by which old samples are worse.
const SLEW = 0.0005;

/** The offset between two clocks, from pings: the one with the shortest round trip is the most exact. */
export class ClockOffset {
  #samples: Sample[] = [];
  // The most exact of all.
  #steady: Sample | undefined;

  /** `serverMs` was read on the server between `sentMs` and `receivedMs` here. */
  add(sentMs: number, receivedMs: number, serverMs: number): void {
    this.#samples = this.#samples.filter((sample) => receivedMs - sample.takenMs <= WINDOW_MS);
    const sample = {
      takenMs: receivedMs,
      roundTripMs: receivedMs - sentMs,
      offsetMs: serverMs - (sentMs + receivedMs) / 2,
    };
    this.#samples.push(sample);
    this.#compare(sample);
  }

  /** Server's clock minus ours; undefined before the first ping came back. */
  get offsetMs(): number | undefined {
    return this.#best()?.offsetMs;
  }

  /**
   * The same, perhaps by an older ping: to some hundredths of a second, also after pongs have been late for long,
   * each half of which would be taken for the way there. Between `reset` and the next ping it is that of the clock
   * before.
   */
  get steadyOffsetMs(): number | undefined {
    return this.#steady?.offsetMs;
  }

  get roundTripMs(): number | undefined {
    return this.#best()?.roundTripMs;
  }

  /** The next server may have another clock. */
  reset(): void {
    this.#samples = [];
  }

  #compare(sample: Sample): void {
    const before = this.#steady;
    const errorMs = ({roundTripMs, takenMs}: Sample) => roundTripMs / 2 + SLEW * (sample.takenMs - takenMs);
    if (before === undefined || errorMs(sample) <= errorMs(before) ||
        // Not both can be right: it is another clock.
        Math.abs(sample.offsetMs - before.offsetMs) > errorMs(sample) + errorMs(before)) {
      this.#steady = sample;
    }
  }

  #best(): Sample | undefined {
    return this.#samples.reduce<Sample | undefined>(
        (best, sample) =>
            best === undefined || sample.roundTripMs <= best.roundTripMs ? sample : best,
        undefined);
  }
}
