// Statistics of what a viewer sees.

import type {Line} from './protocol.js';

/** Over the last few seconds. Undefined where nothing was measured. */
export interface Statistics {
  /** Pictures drawn a second; repeats are not drawn. */
  readonly fps: number;
  /** Of the pictures received, without the frames around them. */
  readonly bitsPerSecond: number;
  /** From capture to the canvas; only with `pistream.v1`. */
  readonly delayMs?: Percentiles;
  readonly decodeMs?: Percentiles;
  readonly roundTripMs?: number;
  /** What the server knows of the line, where it tells. */
  readonly line?: Line;
  /** Since the player was created. */
  readonly total: Totals;
}

export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
}

export interface Totals {
  readonly received: number;
  readonly decoded: number;
  readonly shown: number;
  /** Received, but never decoded: too late, or damaged before it. */
  readonly dropped: number;
  readonly damaged: number;
  /** Decoded, but with nothing new to show: the encoder had no bits for the frame. */
  readonly repeated: number;
  readonly connections: number;
}

const WINDOW_MS = 5000;

interface Timed {
  readonly atMs: number;
  readonly value: number;
}

/** Counts and measures; `atMs` is the time of the event, rising. */
export class StatisticsCollector {
  #shown: Timed[] = [];
  #bytes: Timed[] = [];
  #delays: Timed[] = [];
  #decodes: Timed[] = [];
  #beganMs: number | undefined;
  #total = {received: 0, decoded: 0, shown: 0, dropped: 0, damaged: 0, repeated: 0, connections: 0};

  get total(): Totals {
    return {...this.#total};
  }

  connected(atMs: number): void {
    this.#total.connections += 1;
    this.resumed(atMs);
  }

  /** Pictures come from now on: rates are those since then. */
  resumed(atMs: number): void {
    this.#beganMs = atMs;
    this.#shown = [];
    this.#bytes = [];
  }

  received(atMs: number, bytes: number): void {
    this.#total.received += 1;
    this.#bytes.push({atMs, value: bytes});
  }

  decoded(atMs: number, tookMs: number): void {
    this.#total.decoded += 1;
    this.#decodes.push({atMs, value: tookMs});
  }

  /** A picture that shows nothing new: decoded, but in no figure of rate, delay or decoding. */
  repeated(): void {
    this.#total.decoded += 1;
    this.#total.repeated += 1;
  }

  damaged(): void {
    this.#total.damaged += 1;
  }

  dropped(count: number): void {
    this.#total.dropped += count;
  }

  shown(atMs: number, delayMs: number | undefined): void {
    this.#total.shown += 1;
    this.#shown.push({atMs, value: 1});
    if (delayMs !== undefined) {
      this.#delays.push({atMs, value: delayMs});
    }
  }

  /** About how long a picture takes to decode; 0 before the first. */
  typicalDecodeMs(): number {
    return percentilesOf(this.#decodes.slice(-15))?.p50 ?? 0;
  }

  snapshot(atMs: number, roundTripMs: number | undefined): Statistics {
    this.#forget(atMs - WINDOW_MS);
    const seconds = Math.min(WINDOW_MS, Math.max(1, atMs - (this.#beganMs ?? atMs))) / 1000;
    const bytes = this.#bytes.reduce((sum, sample) => sum + sample.value, 0);
    return {
      fps: this.#shown.length / seconds,
      bitsPerSecond: bytes * 8 / seconds,
      delayMs: percentilesOf(this.#delays),
      decodeMs: percentilesOf(this.#decodes),
      roundTripMs,
      total: this.total,
    };
  }

  #forget(beforeMs: number): void {
    const recent = (sample: Timed) => sample.atMs >= beforeMs;
    this.#shown = this.#shown.filter(recent);
    this.#bytes = this.#bytes.filter(recent);
    this.#delays = this.#delays.filter(recent);
    this.#decodes = this.#decodes.filter(recent);
  }
}

function percentilesOf(samples: readonly Timed[]): Percentiles | undefined {
  if (samples.length === 0) {
    return undefined;
  }
  const sorted = samples.map((sample) => sample.value).sort((a, b) => a - b);
  const at = (share: number) =>
      sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return {p50: at(0.5), p95: at(0.95)};
}
