// Starts, awaits and stops the program as a child process, on this machine or by ssh.

import {execFile, spawn} from 'node:child_process';
import {once} from 'node:events';
import {createInterface} from 'node:readline';
import {promisify} from 'node:util';

const READY = /^pistream ready (https?:\S+)(?: (wss?:\S+))?$/;
// Long enough for a slow, emulated program; only to detect one that hangs.
const STOP_LIMIT_MS = 45_000;

/** The output of --version, with the command that starts the program. */
export async function versionOf(command, args = []) {
  const {stdout} = await promisify(execFile)(command, [...args, '--version']);
  return stdout;
}

export class Program {
  httpUrl;
  /** The URL of the classic port; undefined if it is off. */
  wsUrl;
  #child;
  #signal;
  #log = [];

  /**
   * Resolves when it has printed that it is ready; rejects, with its output, if it exits before that.
   * `signal(name)` sends it a signal, if the program is not the child process itself.
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

  /** Its output so far. */
  get log() {
    return this.#log.join('');
  }

  /** Stops it gracefully; resolves to its exit code, or the signal that terminated it. */
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

  /** Kills it without a graceful shutdown, as a power cut does. */
  async kill() {
    const exit = once(this.#child, 'exit');
    await this.#signal('SIGKILL');
    await exit;
  }

  // It may have exited in the meantime; then `exit` settles.
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
