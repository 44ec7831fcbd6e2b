// The program built for the Pi, on this machine in qemu's user emulation, with the simulated camera.

import {Program} from '../lib/program.mjs';
import {argumentsFor, fromEnvironment, Target} from './target.mjs';

export function createTarget() {
  const executable = fromEnvironment('PISTREAM', 'the aarch64 executable');
  const emulator = fromEnvironment('EMULATOR', '//toolchains/aarch64:run');
  return new Target('emulated', {stamp: true, milliseconds: false, options: true}, {
    boot: async () => {},
    halt: async () => {},
    log: () => '',
    start: (options) => Program.start(emulator, [executable, ...argumentsFor(options)]),
  });
}
