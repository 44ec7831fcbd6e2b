// An X server without a screen, for browsers that want a window.

import {spawn} from 'node:child_process';
import {once} from 'node:events';

export class Display {
  #server;

  /** Resolves when it takes clients. */
  static async start() {
    const server = spawn(
        'Xvfb', ['-displayfd', '3', '-screen', '0', '1280x800x24', '-nolisten', 'tcp'],
        {stdio: ['ignore', 'ignore', 'inherit', 'pipe']});
    const [number] = await Promise.race([
      once(server.stdio[3], 'data'),
      once(server, 'exit').then(() => {
        throw new Error('Xvfb does not start');
      }),
    ]);
    return new Display(server, `:${number.toString().trim()}`);
  }

  constructor(server, name) {
    this.#server = server;
    this.name = name;
  }

  async stop() {
    const exit = once(this.#server, 'exit');
    this.#server.kill();
    await exit;
  }
}
