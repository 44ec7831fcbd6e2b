// The pictures that a viewer sees: the right ones, in order, in the right colours.

import {colourErrors} from '../lib/colours.mjs';
import {barsOf, compare, FILES, paintedFrame} from '../lib/pattern.mjs';
import {framesNotEncoded, readMetrics} from '../lib/metrics.mjs';
import {encodePng} from '../lib/png.mjs';
import {readStamp} from '../lib/stamp.mjs';
import {expect, keep, keepJson, needs, tell, tellFrames, test} from '../lib/test.mjs';
import {parseV1, Viewer} from '../lib/viewer.mjs';
import {gapsOf, nextTotals, pictureSize, seenAtLeast, sum, totals, untilPlaying, watchCanvas} from '../lib/watch.mjs';

// At 800 kbit/s this pattern has 30 to 35 dB; compared with the next frame, 20.
const PSNR_DB = 26;

test.beforeEach(async ({target, page}) => {
  await target.transition('serving');
  await page.goto(target.httpUrl);
  await untilPlaying(page);
});

test('frames come in order, none twice, none missing but those that are counted', async ({target, page}) => {
  needs(target, 'stamp');
  const {seen} = await watchUninterrupted(target, page);
  seen.forEach(({frame, sequence}) => expect(frame).toBe(sequence & 0xffff));
});

test('files are shown in turn, each as often as the camera says, but for what is counted', async ({target, page}) => {
  needs(target, 'files');
  const {seen, accounted} = await watchUninterrupted(target, page);
  const {count, repeats} = FILES;
  let times = 1;
  const steps = seen.slice(1).map(({frame, sequence}, at) => {
    // The most frames that the camera can have delivered; a few may be missing, or in the next loop.
    const frames = sequence - seen[at].sequence;
    const files = (frame - seen[at].frame + count) % count;
    times = files === 0 && frames <= repeats ? times + 1 : 1;
    return {sequence, frames, files, times};
  });
  const isWrong = ({frames, files, times: shown}) => files > Math.ceil(frames / repeats) || shown > repeats;
  expect(steps.filter(isWrong), 'a file out of turn, or too often').toEqual([]);
  // The first and the last frame may have been recorded only in part.
  const missing = sum(steps.map(({files}) => files)) * repeats - (repeats - 1) - steps.length;
  expect(missing, 'frames missing that nobody counted').toBeLessThanOrEqual(accounted);
});

/**
 * Records 120 pictures of the page. By their headers none is duplicated or out of order, and only those are
 * missing that the program has counted or that the player has skipped: `accounted`.
 */
async function watchUninterrupted(target, page) {
  const countedBefore = framesNotEncoded(await readMetrics(target.httpUrl));
  const before = await totals(page);
  await watchCanvas(page);
  const seen = await seenAtLeast(page, 120);
  const total = await nextTotals(page);
  const counted = framesNotEncoded(await readMetrics(target.httpUrl)) - countedBefore;

  // By the header first, because pictures after a missing one cannot be decoded correctly.
  const gaps = gapsOf(seen.map(({sequence}) => sequence & 0xffff));
  expect(gaps.flatMap((gap, at) => gap < 0 ? [seen[at + 1].sequence] : []), 'pictures twice, or out of order').toEqual([]);
  // Pictures received but not shown were replaced by a newer one.
  const overtaken = (total.received - total.shown) - (before.received - before.shown);
  await keepJson('frames.json', {gaps, counted, overtaken, total, seen});
  await tellFrames('shown by the page', seen);
  expect(sum(gaps), 'frames missing that nobody counted').toBeLessThanOrEqual(counted + overtaken);
  expect(seen.flatMap(({frame}, at) => frame === undefined ? [at] : []), 'pictures without a stamp').toEqual([]);
  expect(total.damaged).toBe(0);
  return {seen, accounted: counted + overtaken};
}

test('the picture is the one that the camera saw, all of it', async ({target, page}) => {
  needs(target, 'stamp');
  const viewer = await Viewer.connect(
      new URL('/stream', target.httpUrl.replace('http', 'ws')), {protocol: 'pistream.v1'});
  const size = await pictureSize(page);
  // After a second of motion, so that errors of previous pictures are visible by prediction.
  await viewer.until(({pictures}) => pictures.length >= 40);
  const {sequence, base64} = await nextPicture(page, size);
  const headers = () => viewer.pictures.map(parseV1);
  await viewer.until(() => headers().some((header) => Number(header.sequence) === sequence));
  viewer.close();
  const {capturedNs} = headers().find((header) => Number(header.sequence) === sequence);
  const shown = {...size, pixels: Buffer.from(base64, 'base64')};
  await expectPainted(shown, sequence, capturedNs);
});

test('the picture is the file that its stamp names, all of it', async ({target, page}) => {
  needs(target, 'files');
  const size = await pictureSize(page);
  await watchCanvas(page);
  await seenAtLeast(page, 40);
  const {base64} = await nextPicture(page, size);
  const pixels = Buffer.from(base64, 'base64');
  const {frame, capture10us} = readStamp({data: pixels, width: size.width}, size.width, size.height);
  await expectPainted({...size, pixels}, frame, 10_000 * capture10us);
});

/** It matches the simulated camera's frame of that number and time, within the limits of the bitrate. */
async function expectPainted(shown, number, capturedNs) {
  const expected = await paintedFrame(shown, number, capturedNs);
  const {psnr, difference} = compare(shown, expected);
  const image = (picture) => encodePng(picture).toString('base64');
  await tell('pictures', {
    label: `frame ${number}: ${psnr.toFixed(1)} dB`,
    images: [['shown by the page', image(shown)], ['seen by the camera', image(expected)], ['difference, 4 times', image(difference)]],
  });
  expect(psnr).toBeGreaterThan(PSNR_DB);
}

/** The next picture that the page shows: its stamp and pixels (RGBA). */
async function nextPicture(page, {width, height}) {
  return page.evaluate((rectangle) => new Promise((resolve) => {
    const {player} = document.querySelector('pistream-video');
    player.addEventListener('picture', ({detail: {pixels, stamp}}) => {
      player.watchPictures(false);
      const {data} = pixels;
      let text = '';
      for (let at = 0; at < data.length; at += 0x8000) {
        text += String.fromCharCode(...data.subarray(at, at + 0x8000));
      }
      resolve({sequence: stamp.sequence, base64: btoa(text)});
    }, {once: true});
    player.watchPictures(rectangle);
  }), {x: 0, y: 0, width, height});
}

test('the colours are those the camera saw', async ({target, page}) => {
  needs(target, 'bars');
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
