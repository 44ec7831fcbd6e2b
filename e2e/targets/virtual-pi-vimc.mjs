// A virtual Pi whose camera is its kernel's own: the driver vimc, by V4L2 and the media controller.

import {fromEnvironment, Target} from './target.mjs';
import {VirtualPi} from './virtual-pi.mjs';

const CAPABILITIES = {device: true, options: true, network: true, packets: true, loopback: true};
const CAMERA = 'platform/vimc.0 Sensor B';
const STALLED = '/sys/module/vimc/parameters/stalled';
const DRIVER = '/sys/bus/platform/drivers/vimc';
const COMMANDS = {
  working: `echo N >${STALLED}; [ -e ${DRIVER}/vimc.0 ] || echo vimc.0 >${DRIVER}/bind`,
  stalled: `echo Y >${STALLED}`,
  unplugged: `echo vimc.0 >${DRIVER}/unbind`,
};

class WithVimc extends VirtualPi {
  #addition = fromEnvironment('VIMC', '//e2e/targets/virtual_pi:vimc');

  constructor() {
    super(`libcamera:${CAMERA}`);
  }

  async boot() {
    await super.boot();
    await this.copy(this.#addition, '/tmp/vimc.cpio');
    await this.execute('cd / && cpio -idu </tmp/vimc.cpio && plug-in-vimc');
  }

  async setCamera(state) {
    await this.execute(COMMANDS[state]);
  }
}

export function createTarget() {
  return new Target('virtual-pi-vimc', CAPABILITIES, new WithVimc());
}
