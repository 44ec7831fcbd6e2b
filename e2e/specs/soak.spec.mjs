// Hours: what grows a little with each picture shows only then.

import {readFile} from 'node:fs/promises';
import {expect, keepJson, test} from '../lib/test.mjs';
import {totals, untilPlaying, untilReceived} from '../lib/watch.mjs';

const MINUTES = Number(process.env.SOAK_MINUTES ?? 60);
const FRAMERATE = 24;
// Until caches are full and code is optimised.
const WARM_UP_MINUTES = Math.min(10, MINUTES / 3);
// MiB over what it was then: less than a byte for each pixel of two pictures.
const GROWTH_LIMIT = 16;

/** MiB that the browser's page processes have for themselves. */
async function pageMemory(browser) {
  const session = await browser.newBrowserCDPSession();
  const {processInfo} = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const sizes = await Promise.all(processInfo.filter(({type}) => type === 'renderer').map(async ({id}) => {
    const rollup = await readFile(`/proc/${id}/smaps_rollup`, 'utf8');
    return Number(rollup.match(/^Private_Dirty:\s+(\d+) kB$/m)[1]) / 1024;
  }));
  return sizes.reduce((sum, size) => sum + size, 0);
}

test(`memory after ${MINUTES} minutes of play is what it was early on`, async ({target, page, browser}) => {
  test.setTimeout((MINUTES + 5) * 2 * 60_000);
  await target.transition('serving', {framerate: FRAMERATE});
  await page.goto(target.httpUrl);
  await untilPlaying(page);
  await page.keyboard.press('s');
  const samples = [];
  for (let minute = 1; minute <= MINUTES; ++minute) {
    await untilReceived(page, minute * 60 * FRAMERATE, {polling: 1000, timeout: 240_000});
    samples.push({minute, mib: await pageMemory(browser), ...await totals(page)});
    console.log(JSON.stringify(samples.at(-1)));
  }
  await keepJson('soak.json', samples);
  const early = samples[Math.ceil(WARM_UP_MINUTES) - 1];
  expect(samples.at(-1).mib).toBeLessThan(early.mib + GROWTH_LIMIT);
  expect(samples.at(-1)).toMatchObject({connections: 1, damaged: 0});
});
