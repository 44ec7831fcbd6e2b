// An X server without a screen, for browsers that need a window.

import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtemp, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';

// Fields of the X window dump (XWD) with the server's screen: 32 bits, big-endian.
const XWD = {headerBytes: 0, width: 16, height: 20, bytesPerLine: 48, colours: 76};
const XWD_COLOUR_BYTES = 12;

export class Display {
  #server;
  #folder;

  /** Resolves when it accepts clients. */
  static async start() {
    const folder = await mkdtemp(path.join(tmpdir(), 'screen-'));
    const server = spawn(
        'Xvfb', ['-displayfd', '3', '-screen', '0', '1280x800x24', '-nolisten', 'tcp', '-fbdir', folder],
        {stdio: ['ignore', 'ignore', 'inherit', 'pipe']});
    const [number] = await Promise.race([
      once(server.stdio[3], 'data'),
      once(server, 'exit').then(() => {
        throw new Error('Xvfb does not start');
      }),
    ]);
    return new Display(server, `:${number.toString().trim()}`, folder);
  }

  constructor(server, name, folder) {
    this.#server = server;
    this.name = name;
    this.#folder = folder;
  }

  /**
   * The current content of the screen, independent of the browser: {width, height, data}, RGBA as in an
   * ImageData.
   */
  async screen() {
    const dump = await readFile(path.join(this.#folder, 'Xvfb_screen0'));
    const [headerBytes, width, height, bytesPerLine, colours] =
        Object.values(XWD).map((offset) => dump.readUInt32BE(offset));
    const pixels = dump.subarray(headerBytes + colours * XWD_COLOUR_BYTES);
    const data = new Uint8ClampedArray(4 * width * height);
    for (let y = 0, to = 0; y < height; ++y) {
      for (let from = y * bytesPerLine, end = from + 4 * width; from < end; from += 4, to += 4) {
        data[to] = pixels[from + 2];
        data[to + 1] = pixels[from + 1];
        data[to + 2] = pixels[from];
        data[to + 3] = 255;
      }
    }
    return {width, height, data};
  }

  async stop() {
    const exit = once(this.#server, 'exit');
    this.#server.kill();
    await exit;
    await rm(this.#folder, {recursive: true});
  }
}
