// Links between two network namespaces, by link_emulator: the server is at one end, the browser at the
// other.

import {chmod, mkdtemp, rm, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {Dialogue, outputOf} from './processes.mjs';

const EMULATOR = process.env.LINK_EMULATOR;
// Its exit code where there are no rights for namespaces or TUN devices.
const NO_RIGHTS = 3;

export class EmulatedLinks {
  /** What carries the packets, for a reader of the results. */
  kind;
  /** Whether datagrams go through. */
  hasDatagrams = true;
  /** TCP's congestion control at the server. */
  congestion;
  /** [{name, server, client}]: the addresses of both ends, a link for each profile. */
  links;
  #dialogue;
  #ends;
  // Of executables for the client's end.
  #folder = null;

  /**
   * One link for each file, or for each that a file names. `seed` of chance; default: each profile's. Resolves
   * to null where namespaces or TUN devices are not allowed.
   */
  static async open(files, {seed, congestion = 'cubic'} = {}) {
    const seeds = seed === undefined ? [] : ['--seed', String(seed)];
    try {
      return new EmulatedLinks(await Dialogue.start(EMULATOR, ['run', ...files, '--congestion', congestion, ...seeds]));
    } catch (error) {
      if (error.code === NO_RIGHTS) {
        return null;
      }
      throw error;
    }
  }

  constructor(dialogue) {
    const {kind, congestion, links, server, client} = dialogue.ready;
    Object.assign(this, {kind, congestion, links});
    this.#ends = {server, client};
    this.#dialogue = dialogue;
  }

  /** [command, arguments] that runs a command at the server's end. */
  atServer(command, args = []) {
    return [EMULATOR, ['enter', this.#ends.server, '--', command, ...args]];
  }

  /** The path of an executable that runs `command` at the viewers' end, with the arguments it is given. */
  async executableAtClient(command) {
    this.#folder ??= await mkdtemp(path.join(os.tmpdir(), 'links-'));
    const file = path.join(this.#folder, path.basename(command));
    await writeFile(file, `#!/bin/sh\nexec '${EMULATOR}' enter ${this.#ends.client} -- '${command}' "$@"\n`);
    await chmod(file, 0o755);
    return file;
  }

  /** Where a viewer on that link reaches a port of the server: "host:port". */
  async addressOf(link, port) {
    return `${link.server}:${port}`;
  }

  /** Begins the schedules of steps and outages; resolves to the time, in milliseconds of CLOCK_MONOTONIC. */
  async start() {
    return (await this.#dialogue.ask('start')).startedMs;
  }

  /** {down, up} for each link: {delivered, dropped, lost}, each {packets, bytes}. */
  async count() {
    return (await this.#dialogue.ask('count')).counters;
  }

  async close() {
    await this.#dialogue.end();
    if (this.#folder !== null) {
      await rm(this.#folder, {recursive: true});
    }
  }
}

/** The profiles of a file, as the emulator reads them. */
export async function describe(file) {
  return JSON.parse(await outputOf(EMULATOR, ['describe', file])).profiles;
}
