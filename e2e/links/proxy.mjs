// What there is where namespaces are not allowed: proxies on this machine with the rate, delay and outages
// of the profiles. TCP sees nothing of it, so losses, jitter and its congestion control are not shown.

import {once} from 'node:events';
import {connect, createServer} from 'node:net';
import {describe} from './emulator.mjs';
import {Line} from './line.mjs';

const PIECE = 1460; // bytes
const HOST = '127.0.0.1';

export class ProxiedLinks {
  kind = 'proxy';
  hasDatagrams = false;
  congestion = 'not shown';
  links;
  #servers = [];

  static async open(files) {
    const profiles = (await Promise.all(files.map(describe))).flat();
    return new ProxiedLinks(profiles.map((profile) => new Link(profile)));
  }

  constructor(links) {
    this.links = links;
  }

  atServer(command, args = []) {
    return [command, args];
  }

  async executableAtClient(command) {
    return command;
  }

  async addressOf(link, port) {
    const server = createServer((client) => link.carry(client, connect(port, HOST))).listen(0, HOST);
    this.#servers.push(server);
    await once(server, 'listening');
    return `${HOST}:${server.address().port}`;
  }

  async start() {
    this.links.forEach((link) => link.start());
    return monotonicMs();
  }

  async count() {
    return this.links.map(({name, bytes}) => ({
      name,
      ...Object.fromEntries(Object.entries(bytes).map(([direction, delivered]) => [
        direction, {delivered: {packets: 0, bytes: delivered}, dropped: {packets: 0, bytes: 0}, lost: {packets: 0, bytes: 0}},
      ])),
    }));
  }

  async close() {
    this.#servers.forEach((server) => server.close());
  }
}

const monotonicMs = () => Number(process.hrtime.bigint() / 1000n) / 1000;

class Link {
  bytes = {down: 0, up: 0};
  #delayMs;
  #bufferMs;
  #line;
  #startedMs = null;
  // When the line will have transmitted everything so far.
  #freeAtMs = 0;

  constructor(profile) {
    this.name = profile.name;
    this.#delayMs = 1000 * profile.delay;
    this.#bufferMs = 1000 * profile.buffer;
    this.#line = new Line(profile);
  }

  start() {
    this.#startedMs = performance.now();
  }

  carry(client, server) {
    const sockets = [client, server];
    sockets.forEach((socket) => socket.setNoDelay(true).on('error', () => {}).on(
        'close', () => sockets.forEach((each) => each.destroy())));
    const down = new Pipe(client, (bytes) => this.bytes.down += bytes);
    const up = new Pipe(server, (bytes) => this.bytes.up += bytes);
    server.on('data', (chunk) => {
      for (let at = 0; at < chunk.length; at += PIECE) {
        const piece = chunk.subarray(at, at + PIECE);
        down.send(piece, this.#transmit(piece.length) + this.#delayMs);
      }
      this.#holdBack(server);
    });
    client.on('data', (chunk) => up.send(chunk, performance.now() + this.#delayMs));
  }

  /** When the line has transmitted them, after all before. */
  #transmit(bytes) {
    const nowMs = performance.now();
    const fromMs = Math.max(nowMs, this.#freeAtMs);
    const from = this.#startedMs === null ? 0 : (fromMs - this.#startedMs) / 1000;
    this.#freeAtMs = fromMs + 1000 * (this.#line.finish(from, bytes) - from);
    return this.#freeAtMs;
  }

  // The buffer is full: nothing is dropped, but the server has to wait.
  #holdBack(server) {
    const waitingMs = this.#freeAtMs - performance.now();
    if (waitingMs > this.#bufferMs) {
      server.pause();
      setTimeout(() => server.resume(), waitingMs - this.#bufferMs);
    }
  }
}

// Pieces on their way to a socket, in order.
class Pipe {
  #socket;
  #onArrival;
  #pieces = [];

  constructor(socket, onArrival) {
    this.#socket = socket;
    this.#onArrival = onArrival;
  }

  /** `arrivalMs`: not before that of any piece before. */
  send(piece, arrivalMs) {
    this.#pieces.push({piece, arrivalMs});
    if (this.#pieces.length === 1) {
      this.#wait();
    }
  }

  #wait() {
    setTimeout(() => this.#deliver(), this.#pieces[0].arrivalMs - performance.now());
  }

  #deliver() {
    const nowMs = performance.now();
    while (this.#pieces.length > 0 && this.#pieces[0].arrivalMs <= nowMs) {
      const {piece} = this.#pieces.shift();
      this.#onArrival(piece.length);
      if (!this.#socket.destroyed) {
        this.#socket.write(piece);
      }
    }
    if (this.#pieces.length > 0) {
      this.#wait();
    }
  }
}
