// Pings of pistream.v1: they tell the server which picture has arrived, and us its clock.

import {type ClockOffset, now} from './clock.js';
import {pingMessage} from './protocol.js';

const EVERY_MS = 2000;
// While the line is poor, so that the server soon knows how far behind its pictures are.
const EVERY_POOR_MS = 250;
const POOR_ENDS_AFTER_MS = 1000;
// While no pictures are wanted: often enough for proxies that close silent connections.
const EVERY_HIDDEN_MS = 10_000;
// The first pings come faster: the clock should be known soon, and the best of several is exact.
const FIRST = 5;
const FIRST_EVERY_MS = 60;
const REMEMBERED = 32;

export class Pinger {
  readonly #clock: ClockOffset;
  readonly #send: (message: string) => void;
  #next = 0;
  #sentMs = new Map<number, number>();
  #lastMs = -Infinity;
  #poorMs = -Infinity;
  #isPoor = false;
  // Since when nothing has arrived after a ping.
  #awaitsSinceMs: number | undefined;
  /** The newest picture's number on this connection; undefined before the first. */
  seen: number | undefined;

  /** `send` does nothing unless a connection that has pings is open. */
  constructor(clock: ClockOffset, send: (message: string) => void) {
    this.#clock = clock;
    this.#send = send;
  }

  /** A connection is open. */
  begin(): void {
    this.#sentMs.clear();
    this.seen = undefined;
    this.#isPoor = false;
    this.#awaitsSinceMs = undefined;
    this.#poorMs = -Infinity;
    for (let ping = 0; ping < FIRST; ++ping) {
      setTimeout(() => this.ping(), ping * FIRST_EVERY_MS);
    }
  }

  ping(): void {
    const id = this.#next++;
    this.#lastMs = now();
    this.#awaitsSinceMs ??= this.#lastMs;
    this.#sentMs.set(id, this.#lastMs);
    this.#sentMs.delete(id - REMEMBERED);
    this.#send(pingMessage(id, this.seen));
  }

  /** Something has arrived. */
  heard(): void {
    this.#awaitsSinceMs = undefined;
  }

  /** For how long a ping has had no response, and nothing else has arrived either. */
  awaitsMs(): number {
    return this.#awaitsSinceMs === undefined ? 0 : now() - this.#awaitsSinceMs;
  }

  /** How late its responses are at least: the age of the oldest ping that may still have one. */
  latenessMs(): number {
    const [oldestMs] = this.#sentMs.values();
    return oldestMs === undefined ? 0 : now() - oldestMs;
  }

  /** The server's clock was at `serverMs` when it responded to ping `id`. */
  responded(id: number, serverMs: number): void {
    const sentMs = this.#sentMs.get(id);
    if (sentMs !== undefined) {
      // Of several that wait, only the newest has one.
      [...this.#sentMs.keys()].filter((each) => each <= id).forEach((each) => this.#sentMs.delete(each));
      this.#clock.add(sentMs, now(), serverMs);
    }
  }

  /** Pings if it is time: a poor line at once, and often until a second after. */
  tick(isPoor: boolean): void {
    const atMs = now();
    const begins = isPoor && !this.#isPoor && atMs - this.#poorMs > POOR_ENDS_AFTER_MS;
    this.#isPoor = isPoor;
    if (isPoor) {
      this.#poorMs = atMs;
    }
    const everyMs = atMs - this.#poorMs <= POOR_ENDS_AFTER_MS ? EVERY_POOR_MS : EVERY_MS;
    if (begins || atMs - this.#lastMs >= everyMs) {
      this.ping();
    }
  }

  /** The same where nobody can see the pictures. */
  tickHidden(): void {
    if (now() - this.#lastMs >= EVERY_HIDDEN_MS) {
      this.ping();
    }
  }
}
