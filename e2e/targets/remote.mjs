// A Pi that has been deployed to, by ./dev rig: its service, with its camera and its configuration. The
// service ran before, and goes on running: all tests see the same program.

import {execFile} from 'node:child_process';
import {promisify} from 'node:util';
import {fromEnvironment, Target} from './target.mjs';

// What QEMU's machine says that it is: its times are those of whatever else runs here.
const EMULATED = 'linux,dummy-virt';

// What it has said lately; the console of a machine with systemd is its journal.
const LOG_LINES = 200;
const TELL_LOG = `if [ -d /run/systemd/system ]; then
  journalctl --unit pistream --lines ${LOG_LINES} --output short-iso --no-pager
else
  tail -n ${LOG_LINES} /var/log/pistream.log
fi`;

const run = promisify(execFile);

export function createTarget() {
  // A line each: ssh's options, then the host.
  const ssh = fromEnvironment('REMOTE_SSH', 'how ssh gets to the Pi').split('\n');
  // The page's clock and the Pi's are compared by the player's pings: good to half a round trip.
  const milliseconds = process.env.REMOTE_MODEL !== EMULATED;
  const optics = Boolean(process.env.DISPLAY); // a monitor
  const onPi = async (command) => (await run('ssh', [...ssh, command])).stdout;
  return new Target('remote', {milliseconds, optics}, {
    boot: async () => {},
    halt: async () => {},
    log: () => '',
    version: () => onPi('/usr/local/bin/pistream --version'),
    start: (options) => Service.find(options, onPi),
  });
}

// In the place of a Program (lib/program.mjs).
class Service {
  httpUrl = fromEnvironment('REMOTE_HTTP', 'the address of the page');
  wsUrl = fromEnvironment('REMOTE_WS', 'the classic port');
  log = '';
  #onPi;

  static async find(options, onPi) {
    if (Object.keys(options).length > 0) {
      throw new Error(`a deployed service has its own options: ${JSON.stringify(options)} needs another target`);
    }
    const service = new Service(onPi);
    const health = await fetch(new URL('/healthz', service.httpUrl));
    if (!health.ok) {
      throw new Error(`${service.httpUrl} is not well: ${await health.text()}`);
    }
    return service;
  }

  constructor(onPi) {
    this.#onPi = onPi;
  }

  /** It is left running; what it has said is fetched. */
  async stop() {
    this.log = await this.#onPi(TELL_LOG);
    return 0;
  }

  async kill() {
    throw new Error('a deployed service is not killed: this needs another target');
  }
}
