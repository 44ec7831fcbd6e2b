// Measures the limits of reading codes: varies one parameter at a time from a good view, and prints what the
// viewer's page reads. `bazel run -c opt //e2e:glass_tolerance`. Results: docs/glass-to-glass.md.

import {mkdtemp} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {chromium} from '@playwright/test';
import {SLOTS, watchCodes} from './lib/glass.mjs';
import {GOOD_VIEW} from './lib/optics.mjs';
import {FRAMES, numbersIn, paintScreens, record} from './lib/simulated_monitor.mjs';
import {installStampReader, seenAtLeast, untilPlaying} from './lib/watch.mjs';
import {createTarget} from './targets/index.mjs';

const PICTURES = 6 * FRAMES;
const WORSE = {
  fill: [1.2, 0.6, 0.5, 0.4, 0.3, 0.25, 0.2],
  yawDeg: [30, 40, 50, 60, 65],
  pitchDeg: [30, 40, 50, 60],
  rollDeg: [10, 30, 45],
  blurPx: [1, 1.5, 2, 2.5, 3, 4],
  exposure: [0.1, 0.03, 0.01, 2, 4, 16, 64],
  exposureMs: [1, 33, 41, 50, 60],
  veil: [0.2, 0.5, 1],
  noise: [5, 10, 20, 30, 40],
};
const BITRATES = ['200k', '400k', '600k', '1.6M'];

const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-dev-shm-usage'],
});
const screens = await paintScreens(browser);
const target = await createTarget();
const file = path.join(await mkdtemp(path.join(tmpdir(), 'glass-')), 'monitor.y4m');

/** {withCodes: share of pictures, codes: of those that a picture has, misread}. */
async function look(view, options) {
  await record(screens, view, file);
  await target.transition('serving', {scenario: file, ...options});
  const page = await browser.newPage();
  await page.goto(target.httpUrl);
  await untilPlaying(page);
  await installStampReader(page);
  await watchCodes(page);
  const glimpses = await seenAtLeast(page, PICTURES, 'glimpses');
  await page.close();
  await target.transition('booted');
  const codes = glimpses.flatMap(({codes}) => codes);
  const misread = glimpses.flatMap(({frame, codes}) => {
    const onMonitor = numbersIn(frame % FRAMES, view);
    return codes.filter(({number}) => !onMonitor.includes(number));
  });
  return {
    withCodes: share(glimpses.filter(({codes}) => codes.length > 0).length, glimpses.length),
    codes: share(codes.length, SLOTS * glimpses.length),
    misread: misread.length,
  };
}

const share = (part, whole) => `${Math.round(100 * part / whole)} %`;
const tell = (what, seen) => console.log(`${what}: ${JSON.stringify(seen)}`);

tell('a good view', await look(GOOD_VIEW, {}));
for (const [name, values] of Object.entries(WORSE)) {
  for (const value of values) {
    tell(`${name} ${value}`, await look({...GOOD_VIEW, [name]: value}, {}));
  }
}
// A smaller monitor takes fewer bits.
for (const fill of [GOOD_VIEW.fill, 0.4]) {
  for (const bitrate of BITRATES) {
    tell(`fill ${fill}, bitrate ${bitrate}`, await look({...GOOD_VIEW, fill}, {bitrate}));
  }
}
await target.transition('off');
await browser.close();
