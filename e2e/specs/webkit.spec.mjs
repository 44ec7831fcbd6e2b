// The page in WebKit: does it play, in order, in the right colours?

import {colourErrors} from '../lib/colours.mjs';
import {Display} from '../lib/display.mjs';
import {barsOf} from '../lib/pattern.mjs';
import {expect, keep, keepJson, needs, test} from '../lib/test.mjs';
import {makeTokens, VIEW} from '../lib/tokens.mjs';
import {gapsOf, pictureSize, seenAtLeast, totals, untilPlaying, watchCanvas} from '../lib/watch.mjs';
import {WebKit} from '../lib/webkit.mjs';

const PICTURES = 96;

const withWebKit = test.extend({
  webkit: async ({}, use) => {
    const display = await Display.start();
    const webkit = await WebKit.start(display);
    await use(webkit);
    await webkit.stop();
    await display.stop();
  },
});

withWebKit('it plays: frames in order, none twice, in the right colours', async ({target, webkit}) => {
  needs(target, 'stamp');
  await target.transition('serving');
  const page = await webkit.open(target.httpUrl);
  await untilPlaying(page);
  await watchCanvas(page);
  const seen = await seenAtLeast(page, PICTURES);
  const gaps = gapsOf(seen.map(({frame}) => frame));
  const total = await totals(page);
  await keepJson('webkit.json', {gaps, total});
  await keep('webkit.png', await webkit.screenshot());
  expect(Math.min(...gaps), 'a frame twice, or out of order').toBeGreaterThanOrEqual(0);
  expect(total.damaged).toBe(0);
  expect(await page.evaluate(() => document.querySelector('pistream-video').player.thread)).toBe('worker');
  expect(await colourErrors(page, barsOf(await pictureSize(page)))).toEqual([]);
});

withWebKit('an address with a token logs in, and the form does', async ({target, webkit}) => {
  needs(target, 'loopback');
  await target.transition('serving', {authTokens: await makeTokens()});
  const form = await webkit.open(target.httpUrl);
  await form.waitForFunction(() => document.body?.dataset.state === 'login' && document.activeElement.id === 'token');
  await form.evaluate((token) => {
    document.activeElement.value = token;
    document.getElementById('login-submit').click();
  }, VIEW);
  await untilPlaying(form);
  await form.evaluate(() => fetch('session', {method: 'DELETE'}).then(({status}) => status));
  const page = await webkit.open(`${target.httpUrl}index.html?again#t=${VIEW}`);
  await untilPlaying(page);
  expect(await page.evaluate(() => location.hash)).toBe('');
  expect(await page.evaluate(() => document.querySelector('pistream-video').player.thread)).toBe('worker');
});
