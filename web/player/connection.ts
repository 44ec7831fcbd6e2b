// One WebSocket to a server, made again for as long as somebody wants to watch.

import {SUBPROTOCOL} from './protocol.js';

const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 5000;
const CONNECT_LIMIT_MS = 5000;
const CLOSE_SERVICE_RESTART = 1012;

export interface ConnectionListener {
  /** A socket is open. `v1`: it speaks `pistream.v1`. */
  onOpen(v1: boolean): void;
  onBinary(message: Uint8Array): void;
  onText(message: string): void;
  /** The socket is gone, or could not be opened; the next attempt follows after `retryInMs`. */
  onLost(retryInMs: number): void;
}

/**
 * Calls its listener from the event loop, never from within a call. A lost connection is tried again
 * after 0.25 s, then twice that, up to 5 s, each shifted at random by up to a fifth, so that a
 * restarted server does not get all its viewers in one instant.
 */
export class Connection {
  readonly #url: string;
  readonly #listener: ConnectionListener;
  #socket: WebSocket | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #speaksV1: 'unknown' | 'yes' = 'unknown';

  constructor(url: string, listener: ConnectionListener) {
    this.#url = url;
    this.#listener = listener;
  }

  /** Begins, at once. Does nothing where there is a socket already. */
  open(): void {
    if (this.#socket === undefined) {
      this.#connect();
    }
  }

  /** Ends; nothing more is heard of it until `open`. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#failures = 0;
    this.#discardSocket();
  }

  /** The network may be back: does not wait for the next attempt's time. */
  hurry(): void {
    this.#failures = 0;
    if (this.#socket === undefined && this.#timer !== undefined) {
      this.#connect();
    }
  }

  /** The peer has been silent for too long: a new socket, without waiting for TCP to notice. */
  abandon(): void {
    if (this.#socket !== undefined) {
      this.#discardSocket();
      this.#scheduleRetry(0);
    }
  }

  /** Does nothing unless a socket is open. */
  send(text: string): void {
    if (this.#socket?.readyState === WebSocket.OPEN) {
      this.#socket.send(text);
    }
  }

  #connect(): void {
    clearTimeout(this.#timer);
    // A server that does not know the subprotocol makes the browser fail the connection: every
    // second attempt does without, until one has succeeded with it.
    const asksForV1 = this.#speaksV1 === 'yes' || this.#failures % 2 === 0;
    const socket = asksForV1 ? new WebSocket(this.#url, SUBPROTOCOL) : new WebSocket(this.#url);
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => this.#opened(socket.protocol === SUBPROTOCOL);
    socket.onmessage = (event: MessageEvent<unknown>) => this.#received(event.data);
    socket.onclose = (event) => this.#lost(event.code);
    this.#timer = setTimeout(() => this.abandon(), CONNECT_LIMIT_MS);
  }

  #opened(v1: boolean): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#failures = 0;
    if (v1) {
      this.#speaksV1 = 'yes';
    }
    this.#listener.onOpen(v1);
  }

  #received(data: unknown): void {
    if (typeof data === 'string') {
      this.#listener.onText(data);
    } else if (data instanceof ArrayBuffer) {
      this.#listener.onBinary(new Uint8Array(data));
    }
  }

  #lost(code: number): void {
    this.#discardSocket();
    this.#scheduleRetry(code === CLOSE_SERVICE_RESTART ? 0 : this.#retryDelayMs());
  }

  #scheduleRetry(delayMs: number): void {
    clearTimeout(this.#timer);
    this.#failures += 1;
    this.#timer = setTimeout(() => this.#connect(), delayMs);
    this.#listener.onLost(delayMs);
  }

  #retryDelayMs(): number {
    const delayMs = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#failures);
    return delayMs * (0.8 + 0.4 * Math.random());
  }

  #discardSocket(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket !== undefined) {
      socket.onopen = null;
      socket.onmessage = null;
      socket.onclose = null;
      socket.close();
    }
  }
}
