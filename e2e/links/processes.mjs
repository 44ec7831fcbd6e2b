// Child processes, and how busy the machine is.

import {execFile, spawn} from 'node:child_process';
import {once} from 'node:events';
import {readFile} from 'node:fs/promises';
import {createInterface} from 'node:readline';
import {promisify} from 'node:util';

/** What a command prints. */
export async function outputOf(command, args) {
  return (await promisify(execFile)(command, args)).stdout;
}

/** A child process that prints a line of JSON when it is ready, and one for each line it is sent. It ends with stdin. */
export class Dialogue {
  /** The first line. */
  ready;
  #child;
  #lines;
  #complaint = '';
  #exit;

  /** Rejects, with the child's complaint and its exit code as `code`, if it ends before it is ready. */
  static async start(command, args) {
    const dialogue = new Dialogue(spawn(command, args, {stdio: ['pipe', 'pipe', 'pipe']}));
    dialogue.ready = await dialogue.#next();
    return dialogue;
  }

  constructor(child) {
    this.#child = child;
    this.#exit = once(child, 'exit');
    this.#lines = createInterface({input: child.stdout})[Symbol.asyncIterator]();
    child.stderr.setEncoding('utf8').on('data', (text) => this.#complaint += text);
  }

  /** One question at a time. */
  ask(line) {
    this.#child.stdin.write(`${line}\n`);
    return this.#next();
  }

  async end() {
    this.#child.stdin.end();
    await this.#exit;
  }

  async #next() {
    const {value, done} = await this.#lines.next();
    if (done) {
      const [code] = await this.#exit;
      throw Object.assign(new Error(`it ended with ${code}: ${this.#complaint}`), {code});
    }
    return JSON.parse(value);
  }
}

/** {busy, total} of all cores so far, in ticks. */
export async function processorTime() {
  const [line] = (await readFile('/proc/stat', 'utf8')).split('\n');
  const ticks = line.trim().split(/\s+/).slice(1, 9).map(Number);
  const total = ticks.reduce((sum, each) => sum + each, 0);
  return {busy: total - ticks[3] - ticks[4], total};
}

/** The share of all cores that was busy between two results of processorTime. */
export const busyShare = (before, after) => (after.busy - before.busy) / (after.total - before.total);
