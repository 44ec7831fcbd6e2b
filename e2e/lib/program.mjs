// The program as a child process, here or at the other end of ssh: started, awaited, stopped.

import {execFile, spawn} from 'node:child_process';
import {once} from 'node:events';
import {createInterface} from 'node:readline';
import {promisify} from 'node:util';

const READY = /^pistream ready (http:\S+)(?: (ws:\S+))?$/;
// Only so that one that hangs is told from one that is slow, as it may be where it is emulated.
const STOP_LIMIT_MS = 45_000;

/** What it says of its version, by the command that it is started with. */
export async function versionOf(command, args = []) {
  const {stdout} = await promisify(execFile)(command, [...args, '--version']);
  return stdout;
}

export class Program {
  httpUrl;
  /** Where the classic port is; undefined if it is off. */
  wsUrl;
  #child;
  #signal;
  #log = [];

  /**
   * Resolves when it says that it is ready; rejects, with its output, if it ends before that.
   * `signal(name)` sends it a signal, where it is not the child itself that takes it.
   */
  static async start(command, args, signal) {
    const program = new Program(spawn(command, args, {stdio: ['ignore', 'pipe', 'pipe']}), signal);
    await program.#untilReady();
    return program;
  }

  constructor(child, signal = (name) => child.kill(name)) {
    this.#child = child;
    this.#signal = signal;
    child.stderr.setEncoding('utf8').on('data', (text) => this.#log.push(text));
  }

  /** All it has written so far. */
  get log() {
    return this.#log.join('');
  }

  /** Asks it to stop; resolves to its exit code, or the signal that ended it. */
  async stop() {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const exit = once(this.#child, 'exit');
      await this.#signal('SIGTERM');
      const timer = setTimeout(() => this.#killIfThere(), STOP_LIMIT_MS);
      await exit;
      clearTimeout(timer);
    }
    return this.#child.exitCode ?? this.#child.signalCode;
  }

  /** Ends it without a word to anybody, as a power cut does. */
  async kill() {
    const exit = once(this.#child, 'exit');
    await this.#signal('SIGKILL');
    await exit;
  }

  // By now it may have ended after all, as `exit` is about to tell.
  async #killIfThere() {
    try {
      await this.#signal('SIGKILL');
    } catch (error) {
      this.#log.push(`${error.message}\n`);
    }
  }

  async #untilReady() {
    const lines = createInterface({input: this.#child.stdout});
    await new Promise((resolve, reject) => {
      lines.on('line', (line) => {
        this.#log.push(`${line}\n`);
        const match = READY.exec(line);
        if (match !== null) {
          [, this.httpUrl, this.wsUrl] = match;
          resolve();
        }
      });
      this.#child.once('error', reject);
      this.#child.once('close', (code) => {
        reject(new Error(`it ended with ${code} before it was ready:\n${this.log}`));
      });
    });
  }
}
