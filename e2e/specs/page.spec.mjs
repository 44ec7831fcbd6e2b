// The page from a user's view.

import {mkdtemp, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {metricsSince, readMetrics} from '../lib/metrics.mjs';
import {expect, keep, needs, shows, test} from '../lib/test.mjs';
import {firstPictureAfter, longestDelay, nextTotals, pausesViewers, pictureSize, totals, untilPlaying} from '../lib/watch.mjs';

const scenario = (name) => path.join(process.env.SCENARIOS, `${name}.toml`);

test('it plays, in a worker, under its policy, and asks no other host', async ({target, page, complaints}) => {
  await target.transition('serving');
  const hosts = new Set();
  page.on('request', (request) => hosts.add(new URL(request.url()).host));
  page.on('websocket', (socket) => hosts.add(new URL(socket.url()).host));
  const answer = await page.goto(target.httpUrl);
  await untilPlaying(page);
  expect(answer.headers()['content-security-policy']).toContain(`default-src 'none'`);
  expect(await page.evaluate(() => document.querySelector('pistream-video').player.thread)).toBe('worker');
  expect([...hosts]).toEqual([new URL(target.httpUrl).host]);
  expect(complaints).toEqual([]);
});

for (const [name, viewport, colorScheme] of [
  ['desktop-dark', {width: 1280, height: 800}, 'dark'],
  ['desktop-light', {width: 1280, height: 800}, 'light'],
  ['phone-upright', {width: 390, height: 844}, 'dark'],
  ['phone-sideways', {width: 844, height: 390}, 'light'],
]) {
  test(`the picture fills the window at its own shape: ${name}`, async ({target, page}) => {
    await target.transition('serving');
    await page.setViewportSize(viewport);
    await page.emulateMedia({colorScheme});
    await page.goto(target.httpUrl);
    await untilPlaying(page);
    const box = await page.locator('pistream-video').boundingBox();
    expect(box).toMatchObject({x: 0, y: 0, ...viewport});
    const canvas = page.locator('pistream-video canvas');
    expect(await canvas.evaluate((element) => getComputedStyle(element).objectFit)).toBe('contain');
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(viewport.width);
    await page.keyboard.press('s');
    await expect(page.locator('#value-viewers')).toHaveText('1');
    await keep(`page-${name}.png`, await page.screenshot());
  });
}

test('keys and buttons pause, and go on', async ({target, page}) => {
  await target.transition('serving');
  await page.goto(target.httpUrl);
  await untilPlaying(page);
  await page.keyboard.press(' ');
  await expect(page.getByRole('status')).toContainText('Paused');
  await page.getByRole('button', {name: 'Play'}).click();
  await untilPlaying(page);
  await page.getByRole('button', {name: 'Pause'}).press('Enter');
  await expect(page.getByRole('status')).toContainText('Paused');
});

test('a paused page is not a viewer', async ({target, page}) => {
  await target.transition('serving');
  await page.goto(target.httpUrl);
  await untilPlaying(page);
  await page.keyboard.press('k');
  await expect.poll(async () => (await readMetrics(target.httpUrl)).pistream_viewers).toBe(0);
});

test('what it sees, it reports: the server adds it up', async ({target, page}) => {
  await target.transition('serving');
  const before = await readMetrics(target.httpUrl);
  const sinceThen = async () => metricsSince(before, await readMetrics(target.httpUrl));
  await page.goto(target.httpUrl);
  await untilPlaying(page);
  await expect.poll(async () => (await sinceThen()).pistream_viewer_reports_total).toBeGreaterThan(0);
  const metrics = await sinceThen();
  const pictures = (fate) => metrics[`pistream_viewer_pictures_total{fate="${fate}"}`];
  expect(pictures('received')).toBeGreaterThan(0);
  expect(pictures('received')).toBe(pictures('decoded') + pictures('dropped'));
  expect(pictures('shown')).toBeGreaterThan(0);
  expect(pictures('shown')).toBeLessThanOrEqual(pictures('decoded'));
  const reports = metrics.pistream_viewer_reports_total;
  for (const name of ['delay_seconds_count{percentile="50"}', 'delay_seconds_count{percentile="95"}', 'decode_seconds_count']) {
    expect(metrics[`pistream_viewer_${name}`]).toBe(reports);
  }
  expect(metrics['pistream_viewer_delay_seconds_sum{percentile="50"}']).toBeGreaterThan(0);
});

test('the figures are behind a key', async ({target, page}) => {
  await target.transition('serving');
  await page.goto(target.httpUrl);
  await untilPlaying(page);
  await expect(page.getByRole('region', {name: 'Statistics'})).toBeHidden();
  await page.keyboard.press('s');
  await expect(page.locator('#value-delay')).toHaveText(/^[\d.]+ \/ [\d.]+ ms$/);
  await expect(page.locator('#value-size')).toHaveText('640 × 480');
  await page.keyboard.press('s');
  await expect(page.getByRole('region', {name: 'Statistics'})).toBeHidden();
});

test('a picture that the browser would falsify is not saved, and the page says so', async ({target, page}) => {
  await target.transition('serving');
  await page.addInitScript(() => {
    const read = CanvasRenderingContext2D.prototype.getImageData;
    CanvasRenderingContext2D.prototype.getImageData = function(...area) {
      const image = read.apply(this, area);
      return new ImageData(image.data.map((value) => value ^ 0x55), image.width, image.height);
    };
  });
  await page.goto(target.httpUrl);
  await untilPlaying(page);
  await page.keyboard.press('p');
  await expect(page.getByRole('alert')).toContainText('alters what pages read from a canvas');
});

test('a picture can be saved', async ({target, page, browserName}) => {
  test.skip(browserName === 'firefox', 'WebDriver BiDi does not tell of downloads');
  await target.transition('serving');
  await page.goto(target.httpUrl);
  await untilPlaying(page);
  const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('p')]);
  expect(download.suggestedFilename()).toMatch(/^pistream-.*\.png$/);
  await expect(page.getByRole('alert')).toBeHidden();
});

test('the picture can be turned', async ({target, page}) => {
  await target.transition('serving');
  await page.setViewportSize({width: 480, height: 640});
  await page.goto(`${target.httpUrl}index.html?rotate=90`);
  await untilPlaying(page);
  const canvas = page.locator('pistream-video canvas');
  expect(await canvas.boundingBox()).toMatchObject({x: 0, y: 0, width: 480, height: 640});
  expect(await canvas.evaluate((element) => [element.offsetWidth, element.offsetHeight])).toEqual([640, 480]);
});

test('a screen reader finds picture, state and controls', async ({target, page}) => {
  await target.transition('serving');
  await page.goto(target.httpUrl);
  await untilPlaying(page);
  await expect(page.getByRole('img', {name: /^Live video from /})).toBeVisible();
  await expect(page.getByRole('toolbar').getByRole('button')).toHaveCount(4);
  await expect(page.getByRole('status')).toHaveCount(1);
});

test('it says that the camera is gone, and goes on when it is back', async ({target, page}) => {
  needs(target, 'scenarios');
  // Longer than a page takes to start on a busy machine.
  const away = path.join(await mkdtemp(path.join(tmpdir(), 'scenario-')), 'away.toml');
  await writeFile(away, '[[fault]]\nkind = "disappear"\nat_seconds = 3\nfor_seconds = 20\n');
  await target.transition('serving', {scenario: away});
  await page.goto(target.httpUrl);
  await expect(page.getByRole('status')).toContainText('No picture from the camera');
  await keep('page-no-camera.png', await page.screenshot());
  await untilPlaying(page);
});

test('a camera that comes back smaller changes the picture, not the connection', async ({target, page}) => {
  needs(target, 'scenarios');
  await target.transition('serving', {scenario: scenario('another-size')});
  await page.goto(target.httpUrl);
  await untilPlaying(page);
  await expect.poll(() => pictureSize(page)).toEqual({width: 320, height: 240});
  expect((await totals(page)).connections).toBe(1);
});

test('without scripts it says what is missing', async ({target, browser, browserName}) => {
  test.skip(browserName === 'firefox', 'WebDriver BiDi cannot turn scripts off');
  await target.transition('serving');
  const context = await browser.newContext({javaScriptEnabled: false});
  const page = await context.newPage();
  await page.goto(target.httpUrl);
  await expect(page.getByText('This browser cannot show the video.')).toBeVisible();
  await context.close();
});

test('without WebAssembly it says what is missing', async ({target, page}) => {
  await target.transition('serving');
  await page.addInitScript(() => {
    delete globalThis.OffscreenCanvas;
    delete globalThis.WebAssembly;
  });
  await page.goto(target.httpUrl);
  await expect(page.getByRole('status')).toContainText('This browser cannot show the video');
  await expect(page.getByRole('status')).toContainText('Lockdown Mode');
});

// On the page's own thread, where a script can forbid it.
async function forbidWebSockets(page) {
  await page.addInitScript(() => {
    delete globalThis.OffscreenCanvas;
    globalThis.attempts = 0;
    globalThis.WebSocket = class {
      constructor() {
        globalThis.attempts += 1;
        throw new DOMException('insecure', 'SecurityError');
      }
    };
  });
}

test('where the browser forbids a WebSocket it plays over HTTP', async ({target, page}) => {
  await target.transition('serving');
  await forbidWebSockets(page);
  await page.goto(target.httpUrl);
  await untilPlaying(page);
  expect(await page.evaluate(() => attempts)).toBe(1);
});

test('a connection that the browser forbids ends with its reason, and is not tried again', async ({target, page}) => {
  await target.transition('serving');
  await forbidWebSockets(page);
  await page.goto(`${target.httpUrl}?transport=websocket`);
  await expect(page.getByRole('status')).toContainText('does not allow this page to connect');
  const before = await page.evaluate(() => attempts);
  await page.evaluate(() => new Promise((resolve) => {
    document.querySelector('pistream-video').addEventListener('statistics', resolve, {once: true});
  }));
  expect(await page.evaluate(() => attempts)).toBe(before);
});

test('a decoder that cannot be fetched at first is asked for again', async ({target, context, page}) => {
  await target.transition('serving');
  let refusals = 0;
  await context.route('**/decoder.wasm', (route) => {
    refusals += 1;
    return refusals <= 2 ? route.abort('connectionrefused') : route.continue();
  });
  await page.goto(target.httpUrl);
  await untilPlaying(page);
  expect(refusals).toBe(3);
});

test('without OffscreenCanvas it plays on its own thread', async ({target, page}) => {
  await target.transition('serving');
  await page.addInitScript(() => delete globalThis.OffscreenCanvas);
  await page.goto(target.httpUrl);
  await untilPlaying(page);
  expect(await page.evaluate(() => document.querySelector('pistream-video').player.thread)).toBe('page');
});

test('while hidden it decodes nothing, and is live at once afterwards', async ({target, page}) => {
  await target.transition('serving');
  await page.goto(target.httpUrl);
  await untilPlaying(page);
  const hide = (state) => page.evaluate((value) => {
    Object.defineProperty(document, 'visibilityState', {value, configurable: true});
    document.dispatchEvent(new Event('visibilitychange'));
  }, state);
  const usualMs = await longestDelay(page);
  await hide('hidden');
  // Pictures in flight are in the next statistics.
  await nextTotals(page);
  const before = await nextTotals(page);
  await nextTotals(page);
  const after = await nextTotals(page);
  expect(after.decoded).toBe(before.decoded);
  if (await pausesViewers(target)) {
    expect(after.received).toBe(before.received);
  } else {
    expect(after.received).toBeGreaterThan(before.received);
  }
  const {sinceCaptureMs} = await firstPictureAfter(page, () => hide('visible'));
  if (shows(target, 'milliseconds', 'that it is live at once')) {
    // Two frame times, at 24 frames a second.
    expect(sinceCaptureMs).toBeGreaterThan(-2 * 1000 / 24 - usualMs);
  }
});
