// A network with faults, for targets on this machine: a TCP proxy before the program.

import {once} from 'node:events';
import {connect, createServer} from 'node:net';

export class ProxiedNetwork {
  /** The program's page through the proxy. */
  httpUrl;
  #server;
  #program;
  #links = new Set();
  #isCut = false;
  #bitsPerSecond = Infinity;
  // When the simulated line will have transmitted everything sent so far.
  #freeAtMs = 0;

  /** `url` is the program's. */
  static async open(url) {
    const network = new ProxiedNetwork(new URL(url));
    network.#server.listen(0, '127.0.0.1');
    await once(network.#server, 'listening');
    const {port} = network.#server.address();
    network.httpUrl = `http://127.0.0.1:${port}/`;
    return network;
  }

  constructor(program) {
    this.#program = program;
    this.#server = createServer((client) => this.#link(client));
  }

  /** Limits the rate from the program to all viewers together. */
  async slow(bitsPerSecond) {
    this.#bitsPerSecond = bitsPerSecond;
  }

  /** Resets all connections, including new ones, while keeping the port. */
  async cut() {
    this.#isCut = true;
    this.#links.forEach((link) => link.end());
  }

  /** Removes the fault. Resolves to {lost}: the packets that were lost; always none for a proxy. */
  async heal() {
    this.#isCut = false;
    this.#bitsPerSecond = Infinity;
    this.#freeAtMs = 0;
    this.#links.forEach((link) => link.flush());
    return {lost: 0};
  }

  async close() {
    const closed = once(this.#server, 'close');
    this.#server.close();
    await this.cut();
    await closed;
  }

  #link(client) {
    if (this.#isCut) {
      client.resetAndDestroy();
      return;
    }
    const link = new Link(client, connect(this.#program.port, this.#program.hostname), (bytes) => this.#delayOf(bytes));
    this.#links.add(link);
    client.once('close', () => this.#links.delete(link));
  }

  #delayOf(bytes) {
    const now = performance.now();
    this.#freeAtMs = Math.max(now, this.#freeAtMs) + 8000 * bytes / this.#bitsPerSecond;
    return this.#freeAtMs - now;
  }
}

// One connection through the proxy.
class Link {
  #client;
  #server;
  #timer = null;

  /** `delayOf(bytes)`: the time, in milliseconds, until the line has transmitted that many more. */
  constructor(client, server, delayOf) {
    this.#client = client;
    this.#server = server;
    client.setNoDelay(true);
    server.setNoDelay(true);
    client.pipe(server);
    server.on('data', (chunk) => {
      client.write(chunk);
      const delayMs = delayOf(chunk.length);
      if (delayMs > 0) {
        server.pause();
        this.#timer = setTimeout(() => this.flush(), delayMs);
      }
    });
    server.on('end', () => client.end());
    client.on('error', () => server.destroy());
    client.on('close', () => server.destroy());
    server.on('error', () => client.resetAndDestroy());
    server.on('close', () => clearTimeout(this.#timer));
  }

  flush() {
    clearTimeout(this.#timer);
    this.#server.resume();
  }

  end() {
    this.#client.resetAndDestroy();
    this.#server.destroy();
  }
}
