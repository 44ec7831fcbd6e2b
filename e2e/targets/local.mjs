// This machine: the program built for it, with the simulated camera.

import {Program} from '../lib/program.mjs';
import {argumentsFor, fromEnvironment, Target} from './target.mjs';

export function createTarget() {
  const executable = fromEnvironment('PISTREAM', 'the executable');
  return new Target('local', {stamp: true, milliseconds: true, options: true}, {
    boot: async () => {},
    halt: async () => {},
    log: () => '',
    start: (options) => Program.start(executable, argumentsFor(options)),
  });
}
