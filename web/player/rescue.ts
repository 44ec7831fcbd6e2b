// Replaces a connection that has fallen silent as soon as the server can be reached, and makes that of a
// lost one sooner.

import {now} from './clock.js';
import {LinkProbe} from './link_probe.js';

// An answer came, and still nothing on the connection: TCP has not noticed yet.
const SILENT_AFTER_ANSWER_MS = 100;
// A new connection that does not open meanwhile has lost packets itself.
const RENEW_AGAIN_MS = 1000;
// So long after a ping, its pong is due.
const PONG_MS = 500;
// Where the browser forbids to ask the server, a ping without a pong is all there is to go by.
const UNANSWERED_PING_MS = 2000;

/** The parts of Connection that this needs. */
export interface RescuedConnection {
  renew(): void;
  keep(): void;
  connectNow(): void;
}

export class Rescue {
  readonly #connection: RescuedConnection;
  readonly #ping: () => void;
  readonly #probe: LinkProbe;
  #isOpen = false;
  #heardMs = 0;
  // Since when it has been trying; undefined if the connection is not silent.
  #silentSinceMs: number | undefined;
  #renewedMs = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `address`: of something small on the server. */
  constructor(address: string, connection: RescuedConnection, ping: () => void) {
    this.#connection = connection;
    this.#ping = ping;
    this.#probe = new LinkProbe(address, (isBack) => this.#answered(isBack));
  }

  /** Whether the connection has been silent for so long that something is done about it. */
  get isTrying(): boolean {
    return this.#silentSinceMs !== undefined;
  }

  opened(): void {
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
    if (this.isTrying) {
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

  /** Of an open connection; `limitMs`: how long it may be silent, `awaitsMs`: how long a ping is unanswered. */
  tick(limitMs: number, awaitsMs: number): void {
    const atMs = now();
    if (this.#silentSinceMs !== undefined) {
      if (this.#probe.isForbidden && atMs - this.#silentSinceMs >= UNANSWERED_PING_MS) {
        this.#renew();
      }
    } else if (atMs - this.#heardMs > limitMs && awaitsMs >= PONG_MS) {
      this.#silentSinceMs = atMs;
      this.#ping();
      this.#probe.start();
    }
  }

  #answered(isBack: boolean): void {
    if (this.#isOpen) {
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        this.#renew();
      }, SILENT_AFTER_ANSWER_MS);
    } else if (isBack) {
      // Else the server can be reached and refuses: that is tried at the usual times.
      this.#connection.connectNow();
    }
  }

  #renew(): void {
    if (now() - this.#renewedMs >= RENEW_AGAIN_MS) {
      this.#renewedMs = now();
      this.#connection.renew();
    }
  }

  #endSilence(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#silentSinceMs = undefined;
    this.#renewedMs = -Infinity;
  }
}
