// A virtual Pi whose camera is libcamera's `virtual` one, on its kernel's /dev/udmabuf: it shows JPEG files
// that sim/ has made.

import {fromEnvironment, Target} from './target.mjs';
import {VirtualPi} from './virtual-pi.mjs';

const CAPABILITIES = {files: true, bars: true, options: true, network: true, packets: true, loopback: true};
const FOLDER = '/run/frames';
// Where libcamera reads of its virtual cameras, and nowhere else.
const CAMERAS = '/usr/share/libcamera/pipeline/virtual/virtual.yaml';
const CAMERA = `"Files":
  supported_formats:
  - width: 640
    height: 480
    frame_rates: [5, 60]
  frames:
    path: "${FOLDER}/"
  location: "CameraLocationFront"
  model: "Files"
`;

class WithFiles extends VirtualPi {
  #archive = fromEnvironment('FRAMES', '//sim:frames');

  constructor() {
    super('libcamera');
  }

  async boot() {
    await super.boot();
    await this.copy(this.#archive, '/tmp/frames.tar');
    await this.execute(
        `mkdir ${FOLDER} && tar -x -C ${FOLDER} -f /tmp/frames.tar && echo '${CAMERA}' >${CAMERAS}`);
  }
}

export function createTarget() {
  return new Target('virtual-pi-libcamera', CAPABILITIES, new WithFiles());
}
