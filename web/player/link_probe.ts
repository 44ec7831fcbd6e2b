// Finds out by tiny HTTP requests when a server can be reached again. A connection that has lost its
// packets would wait for TCP's next repetition, which after some seconds is some seconds away; each
// request is a new attempt of TCP.

import {isSameOrigin} from './addresses.js';
import {now} from './clock.js';

const EVERY_MS = 300;
const RESPONSE_LIMIT_MS = 1200;
const AT_ONCE = 4;
// A server that is away for longer is not waited for by the tenth of a second.
const OFTEN_FOR_MS = 30_000;
const EVERY_LATER_MS = 2000;
// So many that fail before their time, without one that ever succeeded: the browser may forbid them.
const REFUSALS = 3;
// A proxy that cannot reach the server itself.
const UNREACHABLE: readonly number[] = [502, 504];

export class LinkProbe {
  readonly #address: string;
  readonly #onResponse: (isBack: boolean) => void;
  readonly #isSameOrigin: boolean;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #startedMs = 0;
  #pending = new Set<AbortController>();
  #isAway = false;
  #refusals = 0;
  #everResponded = false;

  /**
   * `onResponse` is called for each response, whatever its status; with `isBack` if requests before it have got
   * none, so that it is news.
   */
  constructor(address: string, onResponse: (isBack: boolean) => void) {
    this.#address = address;
    this.#onResponse = onResponse;
    this.#isSameOrigin = isSameOrigin(address);
  }

  /** Asks at once, and until `stop`. */
  start(): void {
    if (this.#timer === undefined) {
      this.#startedMs = now();
      this.#isAway = false;
      this.#refusals = 0;
      this.#ask();
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#pending.forEach((request) => request.abort());
    this.#pending.clear();
  }

  /** Whether it seems that the browser lets no such request through. */
  get isForbidden(): boolean {
    return !this.#everResponded && this.#refusals >= REFUSALS;
  }

  #ask(): void {
    if (this.#pending.size < AT_ONCE) {
      void this.#request();
    }
    // A browser complains of each request that it forbids. (Of the page's own server it forbids none.)
    const isHopeless = this.isForbidden && !this.#isSameOrigin;
    const everyMs = now() - this.#startedMs < OFTEN_FOR_MS && !isHopeless ? EVERY_MS : EVERY_LATER_MS;
    // Not in step with the other viewers of a server that comes back.
    this.#timer = setTimeout(() => this.#ask(), everyMs * (0.8 + 0.3 * Math.random()));
  }

  async #request(): Promise<void> {
    const request = new AbortController();
    this.#pending.add(request);
    const limit = setTimeout(() => request.abort(), RESPONSE_LIMIT_MS);
    const status = await fetch(this.#address, {
      // Whatever it says: that it does is enough. Without credentials there is no dialog that asks for them,
      // and the browser does not queue it behind the page's own requests, which may hang.
      mode: this.#isSameOrigin ? 'same-origin' : 'no-cors',
      credentials: 'omit',
      cache: 'no-store',
      // A page for logging in need not be loaded. Without CORS, browsers forbid this.
      redirect: this.#isSameOrigin ? 'manual' : 'follow',
      signal: request.signal,
    }).then((response) => response.status, () => undefined);
    clearTimeout(limit);
    if (!this.#pending.has(request)) {
      return;  // stopped in the meantime, or overtaken
    }
    if (status === undefined || UNREACHABLE.includes(status)) {
      this.#pending.delete(request);
      this.#isAway = true;
      this.#refusals += status === undefined && !request.signal.aborted ? 1 : 0;
      return;
    }
    this.#responded(request);
  }

  #responded(request: AbortController): void {
    let isBack = this.#isAway;
    this.#isAway = false;
    this.#everResponded = true;
    // In the order in which they were sent: those before it are lost.
    for (const each of this.#pending) {
      this.#pending.delete(each);
      if (each === request) {
        break;
      }
      each.abort();
      isBack = true;
    }
    this.#onResponse(isBack);
  }
}
