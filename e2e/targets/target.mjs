// The common part of all targets: states, transitions, the first failure, the log.

import {capabilitiesOf} from './capabilities.mjs';

/** Created by a target's own file, which provides the specific parts. */
export class Target {
  state = 'off';
  #machine;
  #program = null;
  #options = '';
  #earlierLogs = '';
  #failure = null;
  #network = null;

  /**
   * `capabilities`: names of capabilities.mjs. `machine`: boot(), halt(), start(options), which
   * resolves to a Program, version(), log(): its output other than the program's, and with the respective
   * capability network(program) and setCamera(state).
   */
  constructor(name, capabilities, machine) {
    this.name = name;
    this.capabilities = capabilitiesOf(capabilities);
    this.#machine = machine;
  }

  get httpUrl() {
    return this.#program.httpUrl;
  }

  get wsUrl() {
    return this.#program.wsUrl;
  }

  log() {
    return this.#earlierLogs + (this.#program?.log ?? '') + this.#machine.log();
  }

  /** The same, but what the program has said is said once. */
  takeLog() {
    const log = this.log();
    this.#earlierLogs = '';
    return log;
  }

  async transition(state, options = {}) {
    if (this.#failure !== null && state !== 'off') {
      throw this.#failure;
    }
    try {
      await this.#go(state, options);
    } catch (error) {
      this.#failure ??= error;
    }
    if (this.#failure !== null) {
      throw this.#failure;
    }
  }

  /** As if the power of the program failed, not that of the machine. */
  async cutPower() {
    await this.#program.kill();
    await this.#forget();
  }

  /** Kills the program as a crash would, and restarts it on the same ports, as a supervisor does. */
  async crash() {
    const [port, wsPort] = [this.httpUrl, this.wsUrl].map((url) => new URL(url).port);
    const options = JSON.parse(this.#options);
    await this.cutPower();
    await this.transition('serving', {...options, port, wsPort});
  }

  /** 'working', 'stalled' or 'unplugged'; with the capability `device`. */
  async setCamera(state) {
    await this.#machine.setCamera(state);
  }

  /**
   * The network between the program and clients of the network's `httpUrl`, but not of the target's
   * `wsUrl`: slow(bitsPerSecond), cut(), heal(), and with the capability `packets` mangle().
   * While serving.
   */
  async network() {
    this.#network ??= await this.#machine.network(this.#program);
    return this.#network;
  }

  /** The versions of the program and of its libraries on the target. Not while off. */
  async version() {
    return (await this.#machine.version()).trim();
  }

  async #go(state, options) {
    const asked = JSON.stringify(options);
    if (this.state === 'serving' && (state !== 'serving' || asked !== this.#options)) {
      await this.#stop();
    }
    if (this.state === 'booted' && state === 'off') {
      await this.#machine.halt();
      this.state = 'off';
    }
    if (this.state === 'off' && state !== 'off') {
      await this.#machine.boot();
      this.state = 'booted';
    }
    if (this.state === 'booted' && state === 'serving') {
      this.#program = await this.#machine.start(options);
      this.#options = asked;
      this.state = 'serving';
    }
  }

  async #stop() {
    const result = await this.#program.stop();
    await this.#forget();
    if (result !== 0) {
      // The machine must not outlive the test, whatever the program's state.
      await this.#machine.halt();
      this.state = 'off';
      throw new Error(`pistream did not stop cleanly: ${result}\n${this.log()}`);
    }
  }

  async #forget() {
    await this.#network?.close();
    this.#network = null;
    this.#earlierLogs += `${this.#program.log}-- ended --\n`;
    this.#program = null;
    this.state = 'booted';
  }
}

/**
 * pistream's command line. `port` and `wsPort` are 0 for any free one. `config`: a file that names the
 * streams, instead of the one that the other options describe. `open`: other machines may watch too.
 */
export function argumentsFor({
  camera = 'simulated', scenario, config, port = 0, wsPort = 0, allowOrigins = [], controls = [], open = false,
  ...others
}) {
  const source = scenario === undefined ? camera : `simulated:${scenario}`;
  const streams = config === undefined ? ['--source', source] : ['--config', config];
  const names = {
    address: '--address',
    authTokens: '--auth-tokens',
    bitrate: '--bitrate',
    framerate: '--framerate',
    gop: '--gop',
    size: '--size',
    webRoot: '--web-root',
  };
  return [
    ...streams, '--port', String(port), '--ws-port', String(wsPort), ...(open ? ['--open'] : []),
    ...allowOrigins.flatMap((origin) => ['--allow-origin', origin]),
    ...controls.flatMap((control) => ['--control', control]),
    ...Object.entries(others).flatMap(([name, value]) => [names[name], String(value)]),
  ];
}

/** A path or a label that Bazel has put in the environment. */
export function fromEnvironment(name, meaning) {
  const value = process.env[name];
  if (value === undefined) {
    throw new Error(`${name} must name ${meaning}`);
  }
  return value;
}
