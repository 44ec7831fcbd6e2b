// The program built for the Pi, on this machine in qemu's user emulation, with the simulated camera.

import {ProxiedNetwork} from '../lib/network.mjs';
import {Program, versionOf} from '../lib/program.mjs';
import {argumentsFor, fromEnvironment, Target} from './target.mjs';

const CAPABILITIES = {stamp: true, bars: true, options: true, scenarios: true, network: true, loopback: true, log: true};

export function createTarget() {
  const executable = fromEnvironment('PISTREAM', 'the aarch64 executable');
  const emulator = fromEnvironment('EMULATOR', '//toolchains/aarch64:run');
  return new Target('emulated', CAPABILITIES, {
    boot: async () => {},
    halt: async () => {},
    log: () => '',
    version: () => versionOf(emulator, [executable]),
    start: (options) => Program.start(emulator, [executable, ...argumentsFor(options)]),
    network: (program) => ProxiedNetwork.open(program.httpUrl),
  });
}
