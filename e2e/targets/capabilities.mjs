// The capabilities that a target may have. Specs query them by needs() or shows() of lib/test.mjs; each
// missing one is in the report.

/** By name, in words for the report. */
export const CAPABILITIES = {
  stamp: 'each frame carries its number and capture time, to be read from the picture',
  milliseconds: 'times that are measured mean something',
  files: 'frames are files, made by sim/, shown in turn again and again: their stamps tell which',
  bars: 'the simulated camera\'s colour bars are to be seen',
  options: 'the program can be started with other options',
  scenarios: 'the camera fails as a scenario file says',
  device: 'the camera is a device of the kernel\'s, which can stall and be pulled out',
  network: 'the network can be slow, or cut',
  loopback: 'it is reached as 127.0.0.1',
  log: 'its log can be read while it runs',
  optics: 'its camera sees this machine\'s monitor',
  packets: 'single packets can be lost, doubled and overtaken',
};

/** {name: boolean} for all capabilities, from the names that a target has. */
export function capabilitiesOf(has) {
  const unknown = Object.keys(has).filter((name) => !(name in CAPABILITIES));
  if (unknown.length > 0) {
    throw new Error(`capabilities.mjs knows no ${unknown.join(', ')}`);
  }
  return Object.fromEntries(Object.keys(CAPABILITIES).map((name) => [name, has[name] === true]));
}
