// A virtual Pi (virtual_pi/): the program built for the Pi is copied to it by scp and runs on Debian's
// kernel, with the simulated camera.

import {execFile, spawn} from 'node:child_process';
import {once} from 'node:events';
import {readFileSync} from 'node:fs';
import {mkdtemp} from 'node:fs/promises';
import path from 'node:path';
import {createInterface} from 'node:readline';
import {promisify} from 'node:util';
import {Program} from '../lib/program.mjs';
import {argumentsFor, fromEnvironment, Target} from './target.mjs';

const HOST = 'virtual-pi';
const EXECUTABLE = '/usr/local/bin/pistream';
const PID_FILE = '/run/pistream.pid';
// By its path: busybox's shell has a built-in tc with fewer features.
const TC = '/usr/sbin/tc';
const INTERFACE = 'eth0';
const CAPABILITIES = {stamp: true, bars: true, options: true, scenarios: true, network: true, packets: true, loopback: true};

const run = promisify(execFile);

export function createTarget() {
  return new Target('virtual-pi', CAPABILITIES, new VirtualPi());
}

/** A Target's machine. */
export class VirtualPi {
  #command = fromEnvironment('VIRTUAL_PI', '//e2e/targets/virtual_pi');
  #executable = fromEnvironment('PISTREAM', 'the aarch64 executable');
  #camera;
  #folder;
  #process = null;
  #ports;
  #said = '';

  /** `camera`: the program's --source. */
  constructor(camera = 'simulated') {
    this.#camera = camera;
  }

  /** Resumed from its saved state, with the program on it. */
  async boot() {
    this.#folder = await mkdtemp(path.join(process.env.TEST_UNDECLARED_OUTPUTS_DIR, 'virtual-pi-'));
    this.#process = spawn(this.#command, ['--resume', 'run', this.#folder]);
    this.#process.stderr.setEncoding('utf8').on('data', (text) => {
      this.#said += text;
    });
    const [line] = await Promise.race([
      once(createInterface({input: this.#process.stdout}), 'line'),
      once(this.#process, 'close').then(() => {
        throw new Error(`the virtual Pi does not start: ${this.#said}`);
      }),
    ]);
    this.#said += `virtual Pi: ${line}\n`;
    this.#ports = JSON.parse(line).forwarded;
    await this.copy(this.#executable, EXECUTABLE);
  }

  async halt() {
    if (this.#process !== null && this.#process.exitCode === null && this.#process.signalCode === null) {
      const exit = once(this.#process, 'exit');
      this.#process.stdin.end();
      await exit;
    }
  }

  /** The log of the machine and its console. */
  log() {
    return this.#folder === undefined ? '' : this.#said + this.#console();
  }

  async start({scenario, webRoot, ...others}) {
    const [port, wsPort] = this.#ports;
    // Ports are the same on both sides.
    const options = {camera: this.#camera, address: '0.0.0.0', open: true, port, wsPort, ...others};
    for (const [name, file] of Object.entries({scenario, webRoot})) {
      if (file !== undefined) {
        options[name] = `/tmp/${path.basename(file)}`;
        await this.copy(file, options[name]);
      }
    }
    const command = [EXECUTABLE, ...argumentsFor(options)].map(quote).join(' ');
    const program = await Program.start(
        'ssh', [...this.#ssh(), HOST, `echo $$ >${PID_FILE}; exec ${command}`],
        (signal) => this.execute(`kill -s ${signal.slice(3)} $(cat ${PID_FILE})`));
    // The program listens on all addresses of the guest, and is reached by this machine's address.
    program.httpUrl = program.httpUrl.replace('0.0.0.0', '127.0.0.1');
    program.wsUrl = program.wsUrl.replace('0.0.0.0', '127.0.0.1');
    return program;
  }

  version() {
    return this.execute(`${EXECUTABLE} --version`);
  }

  /** The guest's kernel disturbs only packets from the program's port. */
  network({httpUrl}) {
    return new GuestNetwork(httpUrl, (command) => this.execute(command), (text) => {
      this.#said += text;
    });
  }

  /** Runs a command on it; rejects if that fails. */
  async execute(command) {
    const {stdout} = await run('ssh', [...this.#ssh(), HOST, command]);
    return stdout;
  }

  /** Copies a file of this machine to the virtual Pi. */
  async copy(from, to) {
    await run('scp', ['-qr', ...this.#ssh(), from, `${HOST}:${to}`]);
  }

  #ssh() {
    return ['-F', path.join(this.#folder, 'ssh_config')];
  }

  #console() {
    try {
      return `-- console --\n${readFileSync(path.join(this.#folder, 'console.log'), 'utf8')}`;
    } catch {
      return '-- no console --\n';
    }
  }
}

// By tc(8): packets of the page's port go by a band of their own, which netem(8) disturbs.
class GuestNetwork {
  #run;
  #say;
  #isDisturbed = false;

  /** `run(command)` in the guest. `say(text)`: for the log. */
  constructor(httpUrl, run, say) {
    this.httpUrl = httpUrl;
    this.#run = run;
    this.#say = say;
  }

  slow(bitsPerSecond) {
    return this.#disturb(`rate ${bitsPerSecond}bit`);
  }

  /** Sends nothing: connections stay open and silent. */
  cut() {
    return this.#disturb('loss 100%');
  }

  /** Loses, duplicates and reorders some packets. */
  mangle() {
    return this.#disturb('delay 20ms 10ms reorder 50% 25% loss 3% duplicate 3%');
  }

  async heal() {
    const account = await this.#run(`${TC} -s qdisc show dev ${INTERFACE} && ${TC} qdisc del dev ${INTERFACE} root`);
    this.#isDisturbed = false;
    this.#say(account);
    const [, lost] = account.match(/^qdisc netem [^]*?dropped (\d+)/m);
    return {lost: Number(lost)};
  }

  async close() {
    if (this.#isDisturbed) {
      await this.heal();
    }
  }

  async #disturb(how) {
    const {port} = new URL(this.httpUrl);
    // Bands 1 to 3 are for packets that no filter matches.
    await this.#run([
      `${TC} qdisc add dev ${INTERFACE} root handle 1: prio bands 4`,
      `${TC} qdisc add dev ${INTERFACE} parent 1:4 netem ${how}`,
      `${TC} filter add dev ${INTERFACE} parent 1: protocol ip u32 match ip sport ${port} 0xffff flowid 1:4`,
    ].join(' && '));
    this.#isDisturbed = true;
  }
}

function quote(word) {
  return `'${word.replaceAll(`'`, `'\\''`)}'`;
}
