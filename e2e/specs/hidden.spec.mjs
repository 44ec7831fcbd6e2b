// A tab that another one hides, in a window: nothing is decoded meanwhile, and it is live when it is
// shown again.

import {testWithTabs} from '../lib/tabs.mjs';
import {expect, keepJson, needs, test} from '../lib/test.mjs';
import {firstPictureAfter, longestDelay, totals, untilPlaying, untilReceived} from '../lib/watch.mjs';

const FRAMERATE = 24;
// More, for the soak test: ten minutes.
const SECONDS = Number(process.env.HIDDEN_SECONDS ?? 60);

testWithTabs(`hidden for ${SECONDS} seconds, it decodes nothing and is live at once afterwards`, async ({target, chromium}) => {
  needs(target, 'stamp');
  test.setTimeout((2 * SECONDS + 60) * 1000);
  await target.transition('serving', {framerate: FRAMERATE});
  const page = await chromium.open(target.httpUrl);
  await untilPlaying(page);
  const usualMs = await longestDelay(page);
  await chromium.open('about:blank');
  await page.waitForFunction(() => document.visibilityState === 'hidden');
  // What was decoded before it noticed is in the account that comes next.
  await untilReceived(page, (await totals(page)).received + 1);
  const before = await totals(page);
  await untilReceived(
      page, before.received + SECONDS * FRAMERATE, {polling: 1000, timeout: 2 * SECONDS * 1000});
  const after = await totals(page);
  const {sinceCaptureMs} = await firstPictureAfter(page, () => page.show());
  await keepJson('hidden.json', {before, after, usualMs, sinceCaptureMs});
  expect(after.decoded).toBe(before.decoded);
  expect(sinceCaptureMs).toBeGreaterThan(-2 * 1000 / FRAMERATE - usualMs);
});
