// Bad links: what the page shows is in order, and once the link is good again, it is live and whole. The
// links are those of links/*.toml; links.mjs measures what this does not assert.

import {fileURLToPath} from 'node:url';
import {chromium} from '@playwright/test';
import {expect, tellDelays, tellEvent, tellFrames, test as base} from '../lib/test.mjs';
import {Pistream} from '../links/contenders/pistream.mjs';
import {describe} from '../links/emulator.mjs';
import {faultsOf} from '../links/measures.mjs';
import {openLinks, videoOf} from '../links/run.mjs';
import {shownBy} from '../links/shown.mjs';

// Pictures without a gap, after which all is well; a busy machine may skip some itself.
const IN_A_ROW = 12;
// To look at, on a link that stays bad.
const PICTURES = 72;
const fileOf = (name) => fileURLToPath(new URL(`../links/${name}.toml`, import.meta.url));

const test = base.extend({
  // Opens the link of that profile, with a page that plays.
  watch: async ({}, use) => {
    const toClose = [];
    await use(async (name) => {
      const [profile] = await describe(fileOf(name));
      const network = await openLinks([fileOf(name)]);
      toClose.unshift(network);
      test.info().annotations.push({type: 'link', description: network.kind});
      const server = await Pistream.start(network, videoOf(profile));
      toClose.unshift({close: () => server.stop()});
      const browser = await chromium.launch({
        executablePath: await network.executableAtClient('/usr/bin/chromium'),
        args: ['--no-sandbox', '--disable-dev-shm-usage'],
      });
      toClose.unshift(browser);
      const page = await browser.newPage({bypassCSP: true});
      await server.play(page, network.links[0]);
      return {network, server, page, profile};
    });
    for (const each of toClose) {
      await each.close();
    }
  },
});

/**
 * Resolves when the page has drawn pictures in a row without a gap, of the camera's size, which were captured
 * after that time, in milliseconds of CLOCK_MONOTONIC.
 */
async function untilWhole(page, {width}, capturedAfterMs) {
  await page.waitForFunction(([count, fullWidth, after10us]) => {
    const last = globalThis.shown.slice(-count);
    return last.length === count && last.every((picture, at) => picture.width === fullWidth &&
        picture.header10us > after10us && (at === 0 || picture.sequence === last[at - 1].sequence + 1));
  }, [IN_A_ROW, width, 100 * capturedAfterMs], {polling: 100, timeout: 60_000});
}

/** All that a page has shown: in order, none twice. */
async function expectOrder(page) {
  const shown = await shownBy(page);
  await tellFrames('shown', shown.map(({drawnMs, sequence}) => ({drawnMs, frame: sequence})));
  await tellDelays('from capture to the canvas', shown.map(
      ({drawnMs, header10us}) => ({drawnMs, delayMs: drawnMs - header10us / 100})));
  shown.slice(1).forEach(({sequence, header10us}, at) => {
    expect(sequence, `after ${shown[at].sequence}`).toBeGreaterThan(shown[at].sequence);
    expect(header10us).toBeGreaterThan(shown[at].header10us);
  });
  return shown;
}

const connectionsOf = (page) => page.evaluate(
    () => document.querySelector('pistream-video').player.statistics.total.connections);

test('a link that never carries the video: what is shown is in order, over one connection', async ({watch}) => {
  const {network, page} = await watch('rate-0.4');
  await network.start();
  await page.waitForFunction((count) => globalThis.shown.length >= count, PICTURES, {polling: 100});
  await expectOrder(page);
  expect(await connectionsOf(page)).toBe(1);
});

for (const [name, mostConnections] of [['step', 1], ['outage-2-lost', 2]]) {
  test(`a link that is bad for a while: ${name}`, async ({watch}) => {
    const {network, page, profile} = await watch(name);
    const startedMs = await network.start();
    const [{at, end}] = faultsOf(profile);
    await untilWhole(page, videoOf(profile), startedMs + 1000 * end);
    await tellEvent('followed', `whole again; the link was bad from ${at} s to ${end} s`);
    await expectOrder(page);
    expect(await connectionsOf(page)).toBeLessThanOrEqual(mostConnections);
  });
}
