// A Pi to which ./dev rig has deployed: its service, with its camera and configuration. The service keeps
// running, so all tests use the same program.

import {execFile} from 'node:child_process';
import {promisify} from 'node:util';
import {fromEnvironment, Target} from './target.mjs';

// The model of QEMU's machine, whose timing depends on the load of this machine.
const EMULATED = 'linux,dummy-virt';

// Its recent log; on a machine with systemd the journal.
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
  // The player's pings compare the page's clock with the Pi's, with an error of up to half a round trip.
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

// Replaces a Program (lib/program.mjs).
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
      throw new Error(`${service.httpUrl} is unhealthy: ${await health.text()}`);
    }
    return service;
  }

  constructor(onPi) {
    this.#onPi = onPi;
  }

  /** Does not stop it; fetches its log. */
  async stop() {
    this.log = await this.#onPi(TELL_LOG);
    return 0;
  }

  async kill() {
    throw new Error('a deployed service is not killed: this needs another target');
  }
}
