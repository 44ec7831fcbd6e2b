// One WebSocket to a server, or its stream over HTTP, opened again for as long as it is wanted.

import {httpStreamUrl} from './addresses.js';
import {now} from './clock.js';
import {HttpSocket} from './http_socket.js';
import {CLOSE_UNAUTHORIZED, SUBPROTOCOL} from './protocol.js';
import {TransportChoice, type TransportPreference} from './transports.js';

const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 5000;
const CONNECT_LIMIT_MS = 5000;
// HTTP as a trial must not make anybody wait who could have a WebSocket.
const TRIAL_LIMIT_MS = 2000;
// An attempt that takes longer may wait for the user.
const SLOW_MS = 1000;
// A proxy that keeps messages back, or lets none through to the server, shows that within this time.
const HTTP_GOOD_MS = 10_000;
// An attempt from before the server could be reached, which has lost its first packet, takes longer.
const ATTEMPT_MS = 200;
const CLOSE_ABNORMAL = 1006;
const CLOSE_SERVICE_RESTART = 1012;
// Of a browser that does not know the certificate, if it tells.
const CLOSE_TLS_HANDSHAKE = 1015;
// All viewers of a server get this code in the same instant.
const RESTART_SPREAD_MS = 250;
// A page that was frozen learns of its lost socket only after it has been resumed.
const RESUMED_MS = 3000;
// `close` follows `error` in the same task, unless the browser itself has forbidden the connection.
const ERROR_WITHOUT_CLOSE_MS = 1000;

type Socket = WebSocket|HttpSocket;

export interface ConnectionListener {
  /** A socket is open, perhaps in place of another one. `v1`: it speaks `pistream.v1`. */
  onOpen(v1: boolean): void;
  onBinary(message: Uint8Array): void;
  onText(message: string): void;
  /** An attempt takes long. True: it is not to be given up, since the browser may be asking its user. */
  onSlow(): boolean;
  /**
   * The socket is gone, or could not be opened; the next attempt follows after `retryInMs`. `isCertificateUnknown`:
   * to the browser, which is why.
   */
  onLost(retryInMs: number, isCertificateUnknown: boolean): void;
  /** The server refuses who has no session, so that no further attempt is made. */
  onUnauthorized(): void;
  /** The browser forbids the connection, so that no further attempt is made. */
  onForbidden(reason: string): void;
}

/**
 * Calls its listener from the event loop, never from within a call. A lost connection is retried
 * after 0.25 s, then after twice that, up to 5 s, each shifted at random by up to a fifth, so that a
 * restarted server does not get all its viewers in one instant. (Where the other transport is tried instead, that is
 * done at once, and is no loss to the listener.)
 */
export class Connection {
  readonly #url: string;
  readonly #httpUrl: string | undefined;
  readonly #listener: ConnectionListener;
  readonly #choice: TransportChoice;
  #socket: Socket | undefined;
  #isOpen = false;
  // Opening beside `#socket`, to take its place.
  #spare: Socket | undefined;
  #spareTimer: ReturnType<typeof setTimeout> | undefined;
  #connectMs = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  // `#timer` is that of the next attempt.
  #isWaiting = false;
  #failures = 0;
  #resumedMs = -Infinity;
  // Why the browser forbids WebSockets, until HTTP has worked instead.
  #forbiddenReason: string | undefined;
  #isCertificateUnknown = false;
  #speaksV1: 'unknown' | 'yes' = 'unknown';

  /** `url`: of the WebSocket. */
  constructor(url: string, listener: ConnectionListener, preference: TransportPreference = 'websocket') {
    this.#url = url;
    this.#httpUrl = httpStreamUrl(url);
    this.#listener = listener;
    this.#choice = new TransportChoice(this.#httpUrl !== undefined ? preference : 'websocket');
  }

  /** Begins, at once. Does nothing where there is a socket already. */
  open(): void {
    if (this.#socket === undefined) {
      this.#connect();
    }
  }

  /** Ends; the listener is not called again until `open`. */
  close(): void {
    clearTimeout(this.#timer);
    this.#isWaiting = false;
    this.#failures = 0;
    this.keep();
    this.#discardSocket();
  }

  /**
   * The network or the page may be back: connects now if it is waiting for the next attempt, or as
   * soon as the browser reports that the socket did not survive.
   */
  reconnectNow(): void {
    this.#failures = 0;
    if (this.#isWaiting) {
      this.#connect();
    } else {
      this.#resumedMs = now();
    }
  }

  /** The server can be reached again: connects now. An attempt under way has a moment to succeed. */
  connectNow(): void {
    const isConnecting = this.#socket?.readyState === WebSocket.CONNECTING;
    const leftMs = isConnecting ? this.#connectMs + ATTEMPT_MS - now() : 0;
    if (leftMs > 0) {
      setTimeout(() => this.connectNow(), leftMs);
    } else if (isConnecting || this.#isWaiting) {
      // What failed while nothing got through says nothing of either transport.
      this.#choice.lost();
      this.#discardSocket();
      this.#connect();
    }
  }

  /**
   * Opens a second socket beside the open one, which it replaces when it is open: `onOpen` follows without
   * `onLost`. Again: gives up the second one for another.
   */
  renew(): void {
    this.keep();
    if (this.#socket?.readyState !== WebSocket.OPEN) {
      return;
    }
    try {
      this.#spare = this.#create(this.#speaksV1 === 'yes');
    } catch {
      return;  // the open one was not forbidden
    }
    this.#spare.onopen = () => this.#takeSpare();
    this.#spare.onclose = () => this.keep();
    this.#spareTimer = setTimeout(() => this.keep(), CONNECT_LIMIT_MS);
  }

  /** The open socket is good after all: gives up the second one, if any. */
  keep(): void {
    clearTimeout(this.#spareTimer);
    discard(this.#spare);
    this.#spare = undefined;
  }

  /** The peer has been silent for too long: a new socket, without waiting for TCP to notice. */
  abandon(): void {
    if (this.#socket !== undefined) {
      if (this.#noteGood()) {
        this.#end(0);
      } else {
        this.#failed(0);
      }
    }
  }

  /** Does nothing unless a socket is open. */
  send(text: string): void {
    if (this.#socket?.readyState === WebSocket.OPEN) {
      this.#socket.send(text);
    }
  }

  #connect(): void {
    this.#isWaiting = false;
    // A server that does not know the subprotocol makes the browser fail the connection: every
    // second attempt does without, until one has succeeded with it.
    const asksForV1 = this.#speaksV1 === 'yes' || this.#failures % 2 === 0;
    let socket: Socket;
    try {
      socket = this.#create(asksForV1);
    } catch (error) {
      this.#forbiddenAfter(0, String(error));
      return;
    }
    this.#use(socket);
  }

  #create(asksForV1: boolean): Socket {
    if (this.#choice.transport === 'http' && this.#httpUrl !== undefined) {
      // Of the connections to a server, browsers give those without credentials a limit of their own, so that a
      // stream takes none from the page. Where the server asks for a login, the trial fails.
      return new HttpSocket(this.#httpUrl, this.#choice.omitsCredentials ? 'omit' : 'same-origin');
    }
    const socket = asksForV1 ? new WebSocket(this.#url, SUBPROTOCOL) : new WebSocket(this.#url);
    socket.binaryType = 'arraybuffer';
    return socket;
  }

  #use(socket: Socket): void {
    this.#socket = socket;
    this.#isOpen = false;
    this.#connectMs = now();
    socket.onopen = () => this.#opened(socket.protocol === SUBPROTOCOL);
    socket.onmessage = (event: MessageEvent<unknown>) => this.#received(event.data);
    socket.onclose = ({code}: {readonly code: number}) => this.#lost(code);
    socket.onerror = () => {
      if (socket.readyState !== WebSocket.OPEN) {
        this.#forbiddenAfter(ERROR_WITHOUT_CLOSE_MS, 'it was blocked');
      }
    };
    this.#limitAttempt(this.#choice.isTrial ? TRIAL_LIMIT_MS : CONNECT_LIMIT_MS);
  }

  #limitAttempt(limitMs: number): void {
    this.#startTimer(SLOW_MS, () => {
      if (this.#listener.onSlow()) {
        this.#limitAttempt(limitMs);
      } else {
        this.#startTimer(limitMs - SLOW_MS, () => this.#failed(0));
      }
    });
  }

  #takeSpare(): void {
    const spare = this.#spare;
    this.#spare = undefined;
    this.keep();
    if (spare !== undefined) {
      this.#noteGood();
      this.#discardSocket();
      this.#use(spare);
      if (spare.readyState === WebSocket.OPEN) {
        this.#opened(spare.protocol === SUBPROTOCOL);
      }
    }
  }

  #opened(v1: boolean): void {
    clearTimeout(this.#timer);
    this.#isOpen = true;
    this.#noteGood();
    if (v1) {
      this.#speaksV1 = 'yes';
    }
    this.#forbiddenReason = undefined;
    this.#isCertificateUnknown = false;
    this.#listener.onOpen(v1);
  }

  #received(data: unknown): void {
    if (typeof data === 'string') {
      this.#listener.onText(data);
    } else if (data instanceof Uint8Array) {
      this.#listener.onBinary(data);
    } else if (data instanceof ArrayBuffer) {
      this.#listener.onBinary(new Uint8Array(data));
    }
  }

  #lost(code: number): void {
    if (code === CLOSE_UNAUTHORIZED) {
      this.#unauthorized();
      return;
    }
    this.#isCertificateUnknown ||= code === CLOSE_TLS_HANDSHAKE;
    if (this.#spare !== undefined) {
      this.#takeSpare();  // though it is not open yet
      return;
    }
    if (this.#noteGood(code !== CLOSE_ABNORMAL)) {
      this.#end(this.#retryDelayMs(code));
    } else {
      this.#failed(this.#retryDelayMs(code));
    }
  }

  #unauthorized(): void {
    if (this.#choice.unauthorized()) {
      this.keep();
      this.#discardSocket();
      this.#connect();
    } else {
      this.close();
      this.#listener.onUnauthorized();
    }
  }

  // Whether the socket is, or was, as it should be. A WebSocket is when it is open. `isClosed`: by the server.
  #noteGood(isClosed = false): boolean {
    const isOld = isClosed || now() - this.#connectMs >= HTTP_GOOD_MS;
    const isGood = this.#isOpen && (!(this.#socket instanceof HttpSocket) || this.#socket.hasSent && isOld);
    if (isGood) {
      this.#failures = 0;
      this.#choice.worked();
    }
    return isGood;
  }

  // Of a connection that was good.
  #end(retryInMs: number): void {
    this.keep();
    this.#discardSocket();
    this.#choice.lost();
    this.#scheduleRetry(retryInMs);
  }

  // Of one that was not.
  #failed(retryInMs: number): void {
    const wasOpen = this.#isOpen;
    this.keep();
    this.#discardSocket();
    if (this.#forbiddenReason !== undefined) {
      this.#endForbidden(this.#forbiddenReason);  // HTTP as well, by all appearances
      return;
    }
    const triesOther = this.#choice.failed();
    if (triesOther && !wasOpen) {
      this.#connect();
    } else {
      this.#scheduleRetry(triesOther ? 0 : retryInMs);
    }
  }

  #forbiddenAfter(delayMs: number, why: string): void {
    this.#startTimer(delayMs, () => {
      if (this.#choice.forbidden()) {
        this.#forbiddenReason = why;
        this.#discardSocket();
        this.#connect();
      } else {
        this.#endForbidden(why);
      }
    });
  }

  #endForbidden(why: string): void {
    this.close();
    this.#forbiddenReason = undefined;
    this.#listener.onForbidden(
        `It does not allow this page to connect to ${this.#url}: the address, a content security ` +
        `policy, or a page loaded by https may be why. (${why})`);
  }

  #scheduleRetry(delayMs: number): void {
    this.#failures += 1;
    this.#isWaiting = true;
    this.#startTimer(delayMs, () => this.#connect());
    this.#listener.onLost(delayMs, this.#isCertificateUnknown);
  }

  #retryDelayMs(code: number): number {
    if (now() - this.#resumedMs < RESUMED_MS) {
      this.#resumedMs = -Infinity;
      this.#failures = 0;
      return 0;
    }
    if (code === CLOSE_SERVICE_RESTART) {
      return RESTART_SPREAD_MS * Math.random();
    }
    const delayMs = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#failures);
    return delayMs * (0.8 + 0.4 * Math.random());
  }

  // One timer at a time: for the attempt under way, or until the next.
  #startTimer(delayMs: number, call: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(call, delayMs);
  }

  #discardSocket(): void {
    discard(this.#socket);
    this.#socket = undefined;
    this.#isOpen = false;
  }
}

function discard(socket: Socket | undefined): void {
  if (socket !== undefined) {
    socket.onopen = null;
    socket.onmessage = null;
    socket.onclose = null;
    socket.onerror = null;
    socket.close();
  }
}
