// A viewer without a browser: a plain WebSocket client that stores all messages.

import {once} from 'node:events';
import {WebSocket} from 'ws';

const HEADER_BYTES = 32;

/** Sent after each picture on the classic path: docs/protocol.md. */
export const CLASSIC_TRAILER = Buffer.concat([
  Buffer.from('000001b7', 'hex'),
  Buffer.alloc(48),
  Buffer.from('00000100001ffff8' + '000001b7' + '0000010100', 'hex'),
  Buffer.alloc(48),
]);

export class Viewer {
  /** Binary messages, the jsmp header first. */
  binary = [];
  /** Text messages, parsed. */
  control = [];
  /** {code, reason} once it is closed. */
  closed = null;
  static #connected = new Set();
  #socket;
  #waiting = new Set();
  #arrivals = new WeakMap();

  /** Resolves when the handshake has succeeded; otherwise rejects with the response. */
  static async connect(url, {protocol, origin} = {}) {
    const socket = new WebSocket(url, protocol === undefined ? [] : [protocol], {
      perMessageDeflate: false,
      origin,
    });
    const viewer = new Viewer(socket);
    await once(socket, 'open');
    return viewer;
  }

  /** All that are still connected, of a test that has ended. */
  static closeAll() {
    Viewer.#connected.forEach((viewer) => viewer.close());
  }

  constructor(socket) {
    this.#socket = socket;
    Viewer.#connected.add(this);
    socket.on('message', (data, isBinary) => {
      if (isBinary) {
        this.binary.push(data);
        this.#arrivals.set(data, performance.timeOrigin + performance.now());
      } else {
        this.control.push(JSON.parse(data.toString()));
      }
      this.#look();
    });
    socket.on('close', (code, reason) => {
      this.closed = {code, reason: reason.toString()};
      Viewer.#connected.delete(this);
      this.#look();
    });
  }

  get protocol() {
    return this.#socket.protocol;
  }

  /** The messages with pictures. */
  get pictures() {
    return this.binary.slice(1).filter((message) => !message.equals(CLASSIC_TRAILER));
  }

  /** When one of the binary messages came: milliseconds since the epoch. */
  arrivedMs(message) {
    return this.#arrivals.get(message);
  }

  send(text) {
    this.#socket.send(text);
  }

  close() {
    this.#socket.terminate();
  }

  /** Resolves as soon as `condition(this)` holds; rejects if the connection ends before that. */
  async until(condition) {
    if (condition(this)) {
      return;
    }
    await new Promise((resolve, reject) => {
      const entry = {condition, resolve, reject};
      this.#waiting.add(entry);
    });
  }

  /** Resolves when the connection has ended: then `closed` says how. */
  async untilClosed() {
    if (this.closed === null) {
      await once(this.#socket, 'close');
    }
  }

  #look() {
    for (const entry of this.#waiting) {
      if (entry.condition(this)) {
        this.#waiting.delete(entry);
        entry.resolve();
      } else if (this.closed !== null) {
        this.#waiting.delete(entry);
        entry.reject(new Error(`closed: ${this.closed.code} ${this.closed.reason}`));
      }
    }
  }
}

/** The header of a picture of pistream.v1, 32 bytes, and the picture. */
export function parseV1(message) {
  return {
    version: message[0],
    type: message[1],
    flags: message.readUInt16BE(2),
    reserved: message.readUInt32BE(4),
    sequence: message.readBigUInt64BE(8),
    capturedNs: message.readBigUInt64BE(16),
    sentNs: message.readBigUInt64BE(24),
    picture: message.subarray(HEADER_BYTES),
  };
}
