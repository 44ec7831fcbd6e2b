// The camera as a device: it runs, it stalls, it is pulled out, it is back. Whatever it does, viewers stay.

import {colourErrors} from '../lib/colours.mjs';
import {readMetrics} from '../lib/metrics.mjs';
import {kernelBarsOf} from '../lib/pattern.mjs';
import {expect, keep, needs, tellEvent, test} from '../lib/test.mjs';
import {parseV1, Viewer} from '../lib/viewer.mjs';
import {pictureSize, totals, untilPlaying} from '../lib/watch.mjs';

const MINUTE_NS = 60_000_000_000n;
const MANY = 240;
const SOME = 24;
// An emulated machine that is busy takes its time: only the test's own limit applies.
const EVENTUALLY = {timeout: 0};
test.setTimeout(6 * 60_000);

const connect = (target) =>
    Viewer.connect(new URL('/stream', target.httpUrl.replace('http', 'ws')), {protocol: 'pistream.v1'});
const capturedNs = (picture) => parseV1(picture).capturedNs;
const untilMore = (viewer, count) => {
  const before = viewer.pictures.length;
  return viewer.until(({pictures}) => pictures.length >= before + count);
};
const healthOf = (target) => fetch(new URL('/healthz', target.httpUrl));
const untilHealth = (target, status) => expect.poll(async () => (await healthOf(target)).status, EVENTUALLY).toBe(status);
// The server has looked for the camera, and found none.
const untilMissed = (target) =>
    expect.poll(async () => (await healthOf(target)).text(), EVENTUALLY).toContain('there is no camera');
const untilLogged = (target, text) => expect.poll(() => target.log(), EVENTUALLY).toContain(text);

test.beforeEach(async ({target}) => needs(target, 'device'));

test('it shows the kernel\'s colour bars, in their colours', async ({target, page}) => {
  await target.transition('serving');
  await page.goto(target.httpUrl);
  await untilPlaying(page);
  await keep('camera-bars.png', await page.screenshot());
  expect(await colourErrors(page, kernelBarsOf(await pictureSize(page)))).toEqual([]);
});

test('a control of libcamera\'s takes effect: without saturation all bars are grey', async ({target, page}) => {
  await target.transition('serving', {controls: ['Saturation=0']});
  await page.goto(target.httpUrl);
  await untilPlaying(page);
  await keep('camera-grey.png', await page.screenshot());
  const {width, height} = await pictureSize(page);
  const isGrey = ([red, green, blue]) => Math.max(red, green, blue) - Math.min(red, green, blue) <= 6;
  const coloured = await colourErrors(page, kernelBarsOf({width, height}));
  // All but the white and the black one are other than they were.
  expect(coloured.map(({expected}) => expected)).toEqual(kernelBarsOf({width, height}).slice(1, 7).map(({rgb}) => rgb));
  expect(coloured.filter(({shown}) => !isGrey(shown))).toEqual([]);
});

test('the stream runs on, for a minute', async ({target}) => {
  await target.transition('serving');
  const viewer = await connect(target);
  // By the camera's clock.
  await viewer.until(({pictures}) => pictures.length >= MANY && capturedNs(pictures.at(-1)) - capturedNs(pictures[0]) >= MINUTE_NS);
  expect(viewer.closed).toBeNull();
  const times = viewer.pictures.map(capturedNs);
  expect(times.slice(1).filter((time, at) => time <= times[at]), 'captured no later than the one before').toEqual([]);
});

test('while it stalls viewers stay, and then they go on', async ({target, page}) => {
  await target.transition('serving');
  const viewer = await connect(target);
  await page.goto(target.httpUrl);
  await untilPlaying(page);

  await target.setCamera('stalled');
  await tellEvent('fault', 'no frame comes out of the driver');
  await untilHealth(target, 503);
  await expect(page.getByRole('status')).toContainText('No picture from the camera', EVENTUALLY);
  await keep('camera-stalled.png', await page.screenshot());
  await tellEvent('followed', 'the page says: No picture from the camera');

  await target.setCamera('working');
  await tellEvent('fault', 'frames come again');
  await untilMore(viewer, SOME);
  await untilPlaying(page);
  await untilHealth(target, 200);
  expect((await readMetrics(target.httpUrl)).pistream_camera_losses_total).toBeGreaterThan(0);
  expect(viewer.closed).toBeNull();
  expect((await totals(page)).connections).toBe(1);
  await tellEvent('followed', 'the stream goes on, over the same connections');
});

test('a viewer who comes while its driver is unbound sees it when that is back', async ({target}) => {
  await target.transition('serving');
  await untilLogged(target, 'nobody watches: camera off');
  await target.setCamera('unplugged');
  await tellEvent('fault', 'the driver is unbound');

  const viewer = await connect(target);
  await untilHealth(target, 503);
  await untilMissed(target);
  await tellEvent('followed', 'a viewer is there, and waits');
  await target.setCamera('working');
  await tellEvent('fault', 'the driver is bound again');
  await untilMore(viewer, SOME);
  await untilHealth(target, 200);
  expect(viewer.closed).toBeNull();
  await tellEvent('followed', 'the stream goes on, over the same connection');
});

test('pulled out and plugged in again while nobody watches: who comes then sees it', async ({target}) => {
  await target.transition('serving');
  await untilLogged(target, 'nobody watches: camera off');
  await target.setCamera('unplugged');
  await tellEvent('fault', 'the driver is unbound');
  await untilLogged(target, 'are gone');
  await target.setCamera('working');
  await tellEvent('fault', 'the driver is bound again');

  const viewer = await connect(target);
  await untilMore(viewer, SOME);
  await untilHealth(target, 200);
  await tellEvent('followed', 'a viewer comes, and sees it');
});

test('pulled out while it streams, and plugged in again: viewers stay, and see it again', async ({target, page}) => {
  await target.transition('serving');
  const viewer = await connect(target);
  await page.goto(target.httpUrl);
  await untilPlaying(page);

  await target.setCamera('unplugged');
  await tellEvent('fault', 'the driver is unbound');
  await untilHealth(target, 503);
  await expect(page.getByRole('status')).toContainText('No picture from the camera', EVENTUALLY);
  await untilMissed(target);
  await tellEvent('followed', 'the page says: No picture from the camera');

  await target.setCamera('working');
  await tellEvent('fault', 'the driver is bound again');
  await untilMore(viewer, SOME);
  await untilPlaying(page);
  await untilHealth(target, 200);
  expect(viewer.closed).toBeNull();
  expect((await totals(page)).connections).toBe(1);
  await tellEvent('followed', 'the stream goes on, over the same connections');
});
