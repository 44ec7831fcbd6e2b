// The pictures a viewer sees: the right ones, in order, in the right colours.

import {colourErrors} from '../lib/colours.mjs';
import {barsOf} from '../lib/pattern.mjs';
import {framesNotEncoded, readMetrics} from '../lib/metrics.mjs';
import {expect, keep, keepJson, needs, test} from '../lib/test.mjs';
import {gapsOf, pictureSize, seenAtLeast, sum, untilPlaying, watchCanvas} from '../lib/watch.mjs';

test.beforeEach(async ({target, page}) => {
  await target.transition('serving');
  await page.goto(target.httpUrl);
  await untilPlaying(page);
});

test('frames come in order, none twice, none missing but those that are counted', async ({target, page}) => {
  needs(target, 'stamp');
  const countedBefore = framesNotEncoded(await readMetrics(target.httpUrl));
  await watchCanvas(page);
  await seenAtLeast(page, 120);
  const [seen, total] = await page.evaluate(() => {
    const {player} = document.querySelector('pistream-video');
    player.watchPictures(false);
    return [globalThis.seen, player.statistics.total];
  });
  const counted = framesNotEncoded(await readMetrics(target.httpUrl)) - countedBefore;

  expect(seen.filter(({frame}) => frame === undefined), 'pictures without a stamp').toEqual([]);
  seen.forEach(({frame, sequence}) => expect(frame).toBe(sequence & 0xffff));
  const gaps = gapsOf(seen.map(({frame}) => frame));
  expect(Math.min(...gaps), 'a frame twice, or out of order').toBeGreaterThanOrEqual(0);
  // What was received but not shown was overtaken by a newer picture.
  const overtaken = total.received - total.shown;
  await keepJson('frames.json', {gaps, counted, overtaken, total, seen});
  expect(sum(gaps)).toBeLessThanOrEqual(counted + overtaken);
  expect(total.damaged).toBe(0);
});

test('the colours are those the camera saw', async ({target, page}) => {
  needs(target, 'stamp');
  await keep('colours.png', await page.screenshot());
  expect(await colourErrors(page, barsOf(await pictureSize(page)))).toEqual([]);
});

test('what is saved is the picture, in its own size', async ({page, browserName}) => {
  test.skip(browserName === 'firefox', 'Playwright hears of no download by WebDriver BiDi');
  const download = page.waitForEvent('download');
  await page.getByRole('button', {name: 'Save picture'}).click();
  const file = await download;
  expect(file.suggestedFilename()).toMatch(/^pistream-.*\.png$/);
  const chunks = [];
  for await (const chunk of await file.createReadStream()) {
    chunks.push(chunk);
  }
  const png = Buffer.concat(chunks);
  const {width, height} = await pictureSize(page);
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([width, height]);
});
