// Runs for hours: a small leak for each picture is visible only then.

import {testWithTabs} from '../lib/tabs.mjs';
import {expect, keepJson, test} from '../lib/test.mjs';
import {totals, untilPlaying, untilReceived} from '../lib/watch.mjs';

const MINUTES = Number(process.env.SOAK_MINUTES ?? 60);
const FRAMERATE = 24;
// The time until caches are full and code is optimised.
const WARM_UP_MINUTES = Math.min(10, MINUTES / 3);
// Allowed growth in MiB since then: less than a byte for each pixel of two pictures.
const GROWTH_LIMIT = 16;

// Not in Playwright's browser: its protocol keeps the body of every response in the page's process, and
// metrics are requested once a second.
testWithTabs(`memory after ${MINUTES} minutes of play is what it was early on`, async ({target, chromium}) => {
  test.setTimeout((MINUTES + 5) * 2 * 60_000);
  await target.transition('serving', {framerate: FRAMERATE});
  const page = await chromium.open(target.httpUrl);
  await untilPlaying(page);
  await page.evaluate(() => document.getElementById('show-statistics').click());
  const samples = [];
  for (let minute = 1; minute <= MINUTES; ++minute) {
    await untilReceived(page, minute * 60 * FRAMERATE, {polling: 1000, timeout: 240_000});
    samples.push({minute, mib: await chromium.pageMemory(), ...await totals(page)});
    console.log(JSON.stringify(samples.at(-1)));
  }
  await keepJson('soak.json', samples);
  const early = samples[Math.ceil(WARM_UP_MINUTES) - 1];
  expect(samples.at(-1).mib).toBeLessThan(early.mib + GROWTH_LIMIT);
  expect(samples.at(-1)).toMatchObject({connections: 1, damaged: 0});
});
