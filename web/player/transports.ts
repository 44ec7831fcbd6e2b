// Which transport a connection has: a WebSocket, or the stream over HTTP.

/**
 * `auto`: a WebSocket; HTTP where none gets through, or where it is better: in some browsers a WebSocket waits
 * for the page.
 */
export type Transport = 'auto'|'websocket'|'http';

/** What a connection is told: `http first` is `auto` where HTTP is better, if it works. */
export type TransportPreference = Transport|'http first';

export type ActualTransport = 'websocket'|'http';

// Failures in a row after which a transport is taken for blocked. If it has worked before, it is more likely that the
// server is away.
const LIMIT = 2;
const LIMIT_WORKED = 4;

export class TransportChoice {
  #isFixed: boolean;
  #preferred: ActualTransport;
  readonly #worked = new Set<ActualTransport>();
  #transport: ActualTransport;
  #failures = 0;
  #failedTrials = 0;
  #needsCredentials = false;

  constructor(preference: TransportPreference) {
    this.#isFixed = preference === 'websocket' || preference === 'http';
    this.#preferred = preference === 'http' || preference === 'http first' ? 'http' : 'websocket';
    this.#transport = this.#preferred;
  }

  /** Of the next attempt. */
  get transport(): ActualTransport {
    return this.#transport;
  }

  /** HTTP is tried because it would be better: a WebSocket has not failed. */
  get isTrial(): boolean {
    return this.#isTrying && this.#transport === 'http';
  }

  /** Whether HTTP is used without credentials: by choice, so that it need not work. */
  get omitsCredentials(): boolean {
    return !this.#isFixed && this.#preferred === 'http' && !this.#needsCredentials && this.#failedTrials % 2 === 0;
  }

  /** The transport has been good for a connection. */
  worked(): void {
    this.#worked.add(this.#transport);
    this.#failures = 0;
    if (!this.#isFixed && !this.#worked.has('http')) {
      this.#preferred = 'websocket';
    }
  }

  /** That connection is lost, or the server can be reached again. */
  lost(): void {
    if (this.#worked.has(this.#preferred)) {
      this.#failures = 0;
      this.#transport = this.#preferred;
    }
  }

  /** An attempt has failed. True: the other transport is to be tried at once. */
  failed(): boolean {
    if (this.#isFixed) {
      return false;
    }
    if (this.#isTrying) {
      // Both fail while the server is away, which says nothing of either.
      this.#failedTrials += this.#transport === 'http' ? 1 : 0;
      this.#transport = this.#other();
      return this.#transport === 'websocket';
    }
    this.#failures += 1;
    if (this.#failures < this.#limit()) {
      return false;
    }
    this.#failures = 0;
    this.#transport = this.#other();
    return this.#transport === 'http';
  }

  /** The server refuses who has no session. True: HTTP, which was used without credentials, is to be tried with them. */
  unauthorized(): boolean {
    const hasOmitted = this.#transport === 'http' && this.omitsCredentials;
    this.#needsCredentials = true;
    return hasOmitted;
  }

  /** The browser forbids the attempt, whatever the server is like. True: HTTP is to be tried at once, and only that. */
  forbidden(): boolean {
    if (this.#isFixed || this.#transport === 'http') {
      return false;
    }
    this.#isFixed = true;
    this.#preferred = 'http';
    this.#transport = 'http';
    return true;
  }

  get #isTrying(): boolean {
    return !this.#isFixed && this.#preferred === 'http' && !this.#worked.has('http');
  }

  #limit(): number {
    if (this.#worked.has(this.#transport)) {
      return LIMIT_WORKED;
    }
    return this.#transport === 'websocket' && !this.#worked.has('http') ? LIMIT : 1;
  }

  #other(): ActualTransport {
    return this.#transport === 'http' ? 'websocket' : 'http';
  }
}
