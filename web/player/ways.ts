// Which way a connection takes: a WebSocket, or the stream by HTTP.

/**
 * `auto`: a WebSocket; HTTP where none gets through, or where it is better: in some browsers a WebSocket waits
 * for the page.
 */
export type Transport = 'auto'|'websocket'|'http';

/** What a connection is told: `http first` is `auto` where HTTP is better, if it works. */
export type Ways = Transport|'http first';

export type Way = 'websocket'|'http';

// Failures in a row after which a way is taken for blocked. If it has worked before, it is more likely that the
// server is away.
const LIMIT = 2;
const LIMIT_WORKED = 4;

export class WayChoice {
  #isFixed: boolean;
  #preferred: Way;
  readonly #worked = new Set<Way>();
  #way: Way;
  #failures = 0;
  #failedTrials = 0;

  constructor(ways: Ways) {
    this.#isFixed = ways === 'websocket' || ways === 'http';
    this.#preferred = ways === 'http' || ways === 'http first' ? 'http' : 'websocket';
    this.#way = this.#preferred;
  }

  /** Of the next attempt. */
  get way(): Way {
    return this.#way;
  }

  /** HTTP is tried because it would be better: a WebSocket has not failed. */
  get isTrial(): boolean {
    return this.#isTrying && this.#way === 'http';
  }

  /** Whether HTTP is used without credentials: by choice, so that it need not work. */
  get omitsCredentials(): boolean {
    return !this.#isFixed && this.#preferred === 'http' && this.#failedTrials % 2 === 0;
  }

  /** The way has been good for a connection. */
  worked(): void {
    this.#worked.add(this.#way);
    this.#failures = 0;
    if (!this.#isFixed && !this.#worked.has('http')) {
      this.#preferred = 'websocket';
    }
  }

  /** That connection is lost, or the server can be reached again. */
  lost(): void {
    if (this.#worked.has(this.#preferred)) {
      this.#failures = 0;
      this.#way = this.#preferred;
    }
  }

  /** An attempt has failed. True: the other way is to be tried at once. */
  failed(): boolean {
    if (this.#isFixed) {
      return false;
    }
    if (this.#isTrying) {
      // Both ways fail while the server is away, which says nothing of either.
      this.#failedTrials += this.#way === 'http' ? 1 : 0;
      this.#way = this.#other();
      return this.#way === 'websocket';
    }
    this.#failures += 1;
    if (this.#failures < this.#limit()) {
      return false;
    }
    this.#failures = 0;
    this.#way = this.#other();
    return this.#way === 'http';
  }

  /** The browser forbids the attempt, whatever the server is like. True: HTTP is to be tried at once, and only that. */
  forbidden(): boolean {
    if (this.#isFixed || this.#way === 'http') {
      return false;
    }
    this.#isFixed = true;
    this.#preferred = 'http';
    this.#way = 'http';
    return true;
  }

  get #isTrying(): boolean {
    return !this.#isFixed && this.#preferred === 'http' && !this.#worked.has('http');
  }

  #limit(): number {
    if (this.#worked.has(this.#way)) {
      return LIMIT_WORKED;
    }
    return this.#way === 'websocket' && !this.#worked.has('http') ? LIMIT : 1;
  }

  #other(): Way {
    return this.#way === 'http' ? 'websocket' : 'http';
  }
}
