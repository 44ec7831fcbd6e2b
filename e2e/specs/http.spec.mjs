// The stream over HTTP: where it is asked for, where a WebSocket would wait for the page, and where none gets
// through.

import {readMetrics} from '../lib/metrics.mjs';
import {PrefixProxy} from '../lib/prefix_proxy.mjs';
import {expect, keepJson, needs, test} from '../lib/test.mjs';
import {gapsOf, longestDelay, nextTotals, seenAtLeast, untilPlaying, watchCanvas} from '../lib/watch.mjs';

const BUSY_MS = 2000;
const FRAME_MS = 1000 / 24;

// Viewers now: {all, byHttp}.
async function viewersOf(target) {
  const metrics = await readMetrics(target.httpUrl);
  return {all: metrics.pistream_viewers, byHttp: metrics.pistream_viewers_by_http};
}

test('an address that asks for HTTP plays over it: frames in order, delays known', async ({target, page, complaints}) => {
  needs(target, 'stamp');
  await target.transition('serving');
  await page.goto(`${target.httpUrl}?transport=http`);
  await untilPlaying(page);
  await expect.poll(() => viewersOf(target)).toEqual({all: 1, byHttp: 1});
  // By the pongs, which come in answer to other requests.
  expect(await longestDelay(page)).toBeGreaterThan(0);
  await watchCanvas(page);
  const seen = await seenAtLeast(page, 48);
  expect(Math.min(...gapsOf(seen.map(({frame}) => frame))), 'a frame twice, or out of order').toBeGreaterThanOrEqual(0);
  expect((await nextTotals(page)).damaged).toBe(0);
  expect(complaints).toEqual([]);
});

test('a hidden page over HTTP gets no pictures, and goes on', async ({target, page}) => {
  await target.transition('serving');
  await page.goto(`${target.httpUrl}?transport=http`);
  await untilPlaying(page);
  const show = (state) => page.evaluate((value) => {
    Object.defineProperty(document, 'visibilityState', {value, configurable: true});
    document.dispatchEvent(new Event('visibilitychange'));
  }, state);
  const paused = async () => (await readMetrics(target.httpUrl)).pistream_viewers_paused;
  await show('hidden');
  await expect.poll(paused).toBe(1);
  await show('visible');
  await expect.poll(paused).toBe(0);
  await longestDelay(page);
  expect((await nextTotals(page)).connections).toBe(1);
});

test('without an own choice HTTP is for the browser in which a WebSocket would wait', async ({target, page, browserName}) => {
  await target.transition('serving');
  await page.goto(target.httpUrl);
  await untilPlaying(page);
  await expect.poll(() => viewersOf(target)).toEqual({all: 1, byHttp: browserName === 'firefox' ? 1 : 0});
});

test('pictures are drawn while the page is busy', async ({target, page}) => {
  needs(target, 'milliseconds');
  await target.transition('serving');
  await page.goto(target.httpUrl);
  await untilPlaying(page);
  await longestDelay(page);
  await page.evaluate(() => {
    globalThis.drawn = [];
    const {player} = document.querySelector('pistream-video');
    player.addEventListener('picture', ({detail: {drawnMs, delayMs}}) => globalThis.drawn.push({drawnMs, delayMs}));
    player.watchPictures(true);
  });
  await page.waitForFunction(() => globalThis.drawn.length > 10);
  const [beginMs, endMs] = await page.evaluate((busyMs) => {
    const now = () => performance.timeOrigin + performance.now();
    const begin = now();
    while (now() - begin < busyMs) {
      // Nothing else of the page runs.
    }
    return [begin, now()];
  }, BUSY_MS);
  await page.waitForFunction((ms) => globalThis.drawn.at(-1).drawnMs > ms, endMs);
  const drawn = await page.evaluate(() => globalThis.drawn);
  const meanwhile = drawn.filter(({drawnMs}) => drawnMs > beginMs + FRAME_MS && drawnMs < endMs - FRAME_MS);
  await keepJson('busy-page.json', {busyMs: endMs - beginMs, meanwhile});
  expect(meanwhile.length).toBeGreaterThan(BUSY_MS / FRAME_MS / 2);
});

test('behind a proxy that lets no WebSocket through it plays all the same', async ({target, page}) => {
  needs(target, 'loopback');
  await target.transition('serving');
  const proxy = await PrefixProxy.open(target.httpUrl, '/cam/');
  proxy.refusesWebSockets = true;
  await page.goto(`${proxy.httpUrl}index.html`);
  await untilPlaying(page);
  await longestDelay(page);
  await expect.poll(() => viewersOf(target)).toEqual({all: 1, byHttp: 1});
  expect(proxy.inside).toContain('/stream.v1');
  expect(proxy.outside).toEqual([]);
  await proxy.close();
});

test('a stream over HTTP that the server ends is opened again', async ({target, page}) => {
  needs(target, 'options');
  await target.transition('serving');
  const {port} = new URL(target.httpUrl);
  await page.goto(`${target.httpUrl}?transport=http`);
  await untilPlaying(page);
  await target.transition('booted');
  await expect(page.getByRole('status')).toContainText('Connection lost');
  await target.transition('serving', {port});
  await untilPlaying(page);
  await expect.poll(() => viewersOf(target)).toEqual({all: 1, byHttp: 1});
});
