// Replaces a connection that has fallen silent as soon as the server can be reached, and makes that of a
// lost one sooner.

import {now} from './clock.js';
import {LinkProbe} from './link_probe.js';
import {SilenceBackOff} from './silence_back_off.js';

// For how long it may be silent. There are pongs every 2 s, also of a camera that is slower.
const LEAST_SILENCE_MS = 750;
const MOST_SILENCE_MS = 3000;
const SILENT_FRAMES = 3;
// The server can be reached again, and there is still nothing on the connection: TCP has not noticed yet.
const SILENT_WHEN_BACK_MS = 100;
// It could be reached all the time: a picture takes long over a slow line, or TCP repeats a packet soon.
const SILENT_THOUGH_THERE_MS = 1500;
// A new connection that does not open meanwhile has lost packets itself.
const RENEW_AGAIN_MS = 1000;
// So long after a ping, its pong is due.
const PONG_MS = 500;
// Where the browser forbids to ask the server, a ping without a pong is all there is to go by.
const UNANSWERED_PING_MS = 2000;

/** The parts of Connection that this needs. */
export interface FailoverConnection {
  renew(): void;
  keep(): void;
  connectNow(): void;
}

export interface LineState {
  readonly frameMs: number | undefined;
  readonly awaitsMs: number;
  readonly excessMs: number;
  readonly plays: boolean;
}

export class Failover {
  readonly silenceBackOff = new SilenceBackOff();
  readonly #connection: FailoverConnection;
  readonly #ping: () => void;
  readonly #probe: LinkProbe;
  #isOpen = false;
  #heardMs = 0;
  // Since when it has been trying; undefined if the connection is not silent.
  #silentSinceMs: number | undefined;
  #renewedMs = -Infinity;
  #renewAtMs = Infinity;
  #excessMs = 0;

  /** `address`: of something small on the server. */
  constructor(address: string, connection: FailoverConnection, ping: () => void) {
    this.#connection = connection;
    this.#ping = ping;
    this.#probe = new LinkProbe(address, (isBack) => this.#responded(isBack));
  }

  /** A connection is open, the first or another. */
  opened(): void {
    if (this.#silentSinceMs !== undefined) {
      this.silenceBackOff.ended();
    }
    this.stop();
    this.#isOpen = true;
    this.#heardMs = now();
  }

  /** The connection is lost, or could not be opened. */
  lost(): void {
    this.#endSilence();
    this.#isOpen = false;
    this.#probe.start();
  }

  /** Something has arrived. */
  heard(): void {
    this.#heardMs = now();
    if (this.#silentSinceMs !== undefined) {
      this.stop();
      this.#connection.keep();
    }
  }

  /** No messages are expected, or this page has not been listening. */
  stop(): void {
    this.#endSilence();
    this.#probe.stop();
    this.#heardMs = now();
  }

  /**
   * Looks after an open connection. `awaitsMs`: how long a ping is unanswered; `excessMs`: how slow the line
   * has been lately, over which a picture may take long; `plays`: pictures come as they should.
   */
  tick({frameMs, awaitsMs, excessMs, plays}: LineState): void {
    const atMs = now();
    this.silenceBackOff.tick(atMs, plays && this.#silentSinceMs === undefined);
    const silenceMs = Math.max(LEAST_SILENCE_MS, SILENT_FRAMES * (frameMs ?? 0));
    const limitMs = this.silenceBackOff.limitMs(Math.min(MOST_SILENCE_MS, silenceMs) + 2 * excessMs);
    if (this.#silentSinceMs !== undefined) {
      const isUnanswered = this.#probe.isForbidden && atMs - this.#silentSinceMs >= UNANSWERED_PING_MS;
      if (isUnanswered || atMs >= this.#renewAtMs) {
        this.#renew(atMs);
      }
    } else if (atMs - this.#heardMs > limitMs && awaitsMs >= PONG_MS) {
      this.#silentSinceMs = atMs;
      this.#excessMs = excessMs;
      this.#ping();
      this.#probe.start();
    }
  }

  #responded(isBack: boolean): void {
    if (this.#isOpen) {
      const waitMs = isBack ? SILENT_WHEN_BACK_MS : SILENT_THOUGH_THERE_MS;
      this.#renewAtMs = Math.min(this.#renewAtMs, now() + waitMs + this.#excessMs);
    } else if (isBack) {
      this.#connection.connectNow();
    } else {
      // The server can be reached and refuses: that is tried at the usual times.
      this.#probe.stop();
    }
  }

  #renew(atMs: number): void {
    this.#renewAtMs = Infinity;
    if (atMs - this.#renewedMs >= RENEW_AGAIN_MS) {
      this.#renewedMs = atMs;
      this.#connection.renew();
    }
  }

  #endSilence(): void {
    this.#renewAtMs = Infinity;
    this.#silentSinceMs = undefined;
    this.#renewedMs = -Infinity;
  }
}
