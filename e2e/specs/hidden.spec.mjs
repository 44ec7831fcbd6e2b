// A tab that is hidden by another one: it decodes nothing while hidden, and shows live pictures when it becomes
// visible again.

import {testWithTabs} from '../lib/tabs.mjs';
import {expect, keepJson, needs, test} from '../lib/test.mjs';
import {accounts, firstPictureAfter, longestDelay, nextTotals, pausesViewers, totals, untilPlaying} from '../lib/watch.mjs';

const FRAMERATE = 24;
// Longer for the soak test: ten minutes.
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
  // Pictures in flight, or decoded before the tab noticed, are in the next statistics.
  await nextTotals(page);
  const before = await nextTotals(page);
  // Statistics come once a second, by the worker's clock, which is not throttled in hidden tabs.
  await accounts(page, SECONDS);
  const after = await totals(page);
  const {sinceCaptureMs} = await firstPictureAfter(page, () => page.show());
  await keepJson('hidden.json', {before, after, usualMs, sinceCaptureMs});
  expect(after.decoded).toBe(before.decoded);
  if (await pausesViewers(target)) {
    expect(after.received).toBe(before.received);
  } else {
    expect(after.received).toBeGreaterThanOrEqual(before.received + SECONDS * FRAMERATE / 2);
  }
  expect(sinceCaptureMs).toBeGreaterThan(-2 * 1000 / FRAMERATE - usualMs);
});
