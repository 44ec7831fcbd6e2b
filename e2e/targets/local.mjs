// This machine: the program built for it, with the simulated camera.

import {Program} from '../lib/program.mjs';

export function createTarget() {
  const executable = process.env.PISTREAM;
  if (executable === undefined) {
    throw new Error('PISTREAM must name the executable');
  }
  return new LocalTarget(executable);
}

class LocalTarget {
  name = 'local';
  capabilities = {stamp: true, milliseconds: true, options: true};
  state = 'off';
  #executable;
  #program = null;
  #options = '';
  #earlierLogs = '';
  #failure = null;

  constructor(executable) {
    this.#executable = executable;
  }

  get httpUrl() {
    return this.#program.httpUrl;
  }

  get wsUrl() {
    return this.#program.wsUrl;
  }

  log() {
    return this.#earlierLogs + (this.#program?.log ?? '');
  }

  async transition(state, options = {}) {
    if (this.#failure !== null) {
      throw this.#failure;
    }
    try {
      await this.#go(state, options);
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  /** As if the power failed. */
  async cutPower() {
    await this.#program.kill();
    this.#forget();
  }

  async #go(state, options) {
    const asked = JSON.stringify(options);
    if (this.state === 'serving' && (state !== 'serving' || asked !== this.#options)) {
      const result = await this.#program.stop();
      this.#forget();
      if (result !== 0) {
        throw new Error(`pistream did not stop cleanly: ${result}\n${this.log()}`);
      }
    }
    if (state === 'serving' && this.state !== 'serving') {
      this.#program = await Program.start(this.#executable, argumentsFor(options));
      this.#options = asked;
    }
    this.state = state;
  }

  #forget() {
    this.#earlierLogs = `${this.log()}-- ended --\n`;
    this.#program = null;
    this.state = 'booted';
  }
}

function argumentsFor({scenario, port = 0, allowOrigins = [], ...others}) {
  const source = scenario === undefined ? 'simulated' : `simulated:${scenario}`;
  const names = {size: '--size', framerate: '--framerate', bitrate: '--bitrate', gop: '--gop', webRoot: '--web-root'};
  return [
    '--source', source, '--port', String(port), '--ws-port', '0',
    ...allowOrigins.flatMap((origin) => ['--allow-origin', origin]),
    ...Object.entries(others).flatMap(([name, value]) => [names[name], String(value)]),
  ];
}
