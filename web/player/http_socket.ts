// A stream over HTTP, used like a WebSocket: messages come in the body of a response that does not end, and
// go as the bodies of requests.

import {isSameOrigin, withSession} from './addresses.js';
import {FrameReader, OPCODE_BINARY, OPCODE_CLOSE, OPCODE_TEXT} from './frame_reader.js';
import {asksForSession, CLOSE_UNAUTHORIZED, isPing, SUBPROTOCOL} from './protocol.js';

// Of WebSocket.
const CONNECTING = 0;
const OPEN = 1;
const CLOSED = 3;
const CLOSE_WITHOUT_CODE = 1005;
const CLOSE_ABNORMAL = 1006;

// Of the server, for one request.
const MOST_BYTES = 4096;
const STATUS_TAKEN = 204;
// A request may wait for one of the browser's connections to the server, if streams have taken them all.
const MESSAGE_LIMIT_MS = 5000;

/**
 * Has of a WebSocket what Connection needs. It is open once the first message has come: a proxy that keeps
 * the body back lets no stream through, though it passes on the head.
 */
export class HttpSocket {
  readonly protocol = SUBPROTOCOL;
  onopen: (() => void)|null = null;
  onmessage: ((event: {readonly data: unknown}) => void)|null = null;
  onclose: ((event: {readonly code: number}) => void)|null = null;
  /** Never called: `onclose` is. */
  onerror: (() => void)|null = null;
  readonly #url: string;
  readonly #credentials: RequestCredentials;
  readonly #ending = new AbortController();
  readonly #text = new TextDecoder();
  #readyState = CONNECTING;
  #messagesUrl = '';
  #waiting: string[] = [];
  #isSending = false;
  #hasSent = false;

  /** Begins, at once. `url`: of `stream.v1`, http: or https:. */
  constructor(url: string, credentials: RequestCredentials) {
    this.#url = url;
    this.#credentials = credentials;
    void this.#run();
  }

  get readyState(): number {
    return this.#readyState;
  }

  /** Whether the server has taken a message. One that never does is behind a proxy that is no good. */
  get hasSent(): boolean {
    return this.#hasSent;
  }

  /** Goes after those before it. Of pings that wait only the newest is sent. */
  send(text: string): void {
    if (isPing(text)) {
      this.#waiting = this.#waiting.filter((each) => !isPing(each));
    }
    this.#waiting.push(text);
    if (!this.#isSending) {
      void this.#sendWaiting();
    }
  }

  close(): void {
    this.#readyState = CLOSED;
    this.#waiting = [];
    this.#ending.abort();
  }

  async #run(): Promise<void> {
    let code = CLOSE_ABNORMAL;
    try {
      const response = await fetch(this.#url, {
        // The server wants an Origin, which browsers do not send to a page's own server, or this. To another one
        // it would take a request beforehand, which is refused.
        headers: isSameOrigin(this.#url) ? {'Pistream-Client': '1'} : {},
        credentials: this.#credentials,
        cache: 'no-store',
        signal: this.#ending.signal,
      });
      const session = response.headers.get('Pistream-Session');
      if (response.ok && session !== null && response.body !== null) {
        this.#messagesUrl = withSession(this.#url, session);
        code = await this.#read(response.body.getReader());
      } else {
        code = this.#codeOf(response);
      }
    } catch {
      // Unreachable, interrupted, or no stream of frames: the same to whoever wants one.
    }
    this.#end(code);
  }

  // Resolves with the code of the close frame.
  async #read(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<number> {
    const frames = new FrameReader();
    for (;;) {
      const {done, value} = await reader.read();
      if (done) {
        return CLOSE_ABNORMAL;
      }
      for (const {opcode, payload} of frames.add(value)) {
        if (opcode === OPCODE_CLOSE) {
          return payload.length < 2 ? CLOSE_WITHOUT_CODE : payload[0]! << 8 | payload[1]!;
        }
        this.#take(opcode, payload);
      }
    }
  }

  #take(opcode: number, payload: Uint8Array): void {
    if (this.#readyState === CONNECTING) {
      this.#readyState = OPEN;
      this.onopen?.();
    }
    if (this.#readyState !== OPEN) {
      return;
    }
    if (opcode === OPCODE_BINARY) {
      this.onmessage?.({data: payload});
    } else if (opcode === OPCODE_TEXT) {
      this.onmessage?.({data: this.#text.decode(payload)});
    }
  }

  async #sendWaiting(): Promise<void> {
    this.#isSending = true;
    while (this.#waiting.length > 0 && this.#readyState === OPEN) {
      const limit = setTimeout(() => this.#end(CLOSE_ABNORMAL), MESSAGE_LIMIT_MS);
      const response = await this.#post(this.#takeWaiting());
      clearTimeout(limit);
      if (response?.status === STATUS_TAKEN) {
        this.#hasSent = true;
      } else {
        // As on a WebSocket, where a message arrives or the connection breaks: the server might go on with
        // something that is not wanted any more.
        this.#end(this.#codeOf(response));
      }
    }
    this.#isSending = false;
  }

  // One a line, as many as one request may have.
  #takeWaiting(): string {
    let body = this.#waiting.shift()!;
    while (this.#waiting.length > 0 && body.length + 1 + this.#waiting[0]!.length <= MOST_BYTES) {
      body += `\n${this.#waiting.shift()!}`;
    }
    return body;
  }

  // Once more, if there was no response: the browser may have used a connection that the server had just
  // closed.
  async #post(body: string, isLast = false): Promise<Response|undefined> {
    try {
      return await fetch(
          this.#messagesUrl,
          {method: 'POST', body, keepalive: true, cache: 'no-store', signal: this.#ending.signal});
    } catch {
      return !isLast && this.#readyState === OPEN ? this.#post(body, true) : undefined;
    }
  }

  // Of a response that is a refusal, or missing. Which headers one of another origin has is not to be seen.
  #codeOf(response: Response|undefined): number {
    const isUnauthorized = response?.status === 401 && (asksForSession(response) || !isSameOrigin(this.#url));
    return isUnauthorized ? CLOSE_UNAUTHORIZED : CLOSE_ABNORMAL;
  }

  #end(code: number): void {
    if (this.#readyState !== CLOSED) {
      this.close();
      this.onclose?.({code});
    }
  }
}
