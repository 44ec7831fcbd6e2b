// This machine: the program built for it, with the simulated camera.

import {ProxiedNetwork} from '../lib/network.mjs';
import {Program, versionOf} from '../lib/program.mjs';
import {argumentsFor, fromEnvironment, Target} from './target.mjs';

const CAPABILITIES = {stamp: true, bars: true, milliseconds: true, options: true, scenarios: true, network: true, loopback: true, log: true};

export function createTarget() {
  const executable = fromEnvironment('PISTREAM', 'the executable');
  return new Target('local', CAPABILITIES, {
    boot: async () => {},
    halt: async () => {},
    log: () => '',
    version: () => versionOf(executable),
    start: (options) => Program.start(executable, argumentsFor(options)),
    network: (program) => ProxiedNetwork.open(program.httpUrl),
  });
}
