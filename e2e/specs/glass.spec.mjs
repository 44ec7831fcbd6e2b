// From glass to glass (docs/glass-to-glass.md). The optics between monitor and sensor are simulated;
// the painting page, the encoder, the server, the viewer's page and the reading of codes are not.

import path from 'node:path';
import {offsetToMonotonic} from '../lib/clocks.mjs';
import {codesIn, glassToGlass, installPainter, installReader, paintForEver, SLOTS, watchCodes} from '../lib/glass.mjs';
import {GOOD_VIEW} from '../lib/optics.mjs';
import {FRAMES, msBefore, numbersIn, paintedMsOf, paintScreens, record} from '../lib/simulated_monitor.mjs';
import {millisecondsSince} from '../lib/stamp.mjs';
import {expect, keep, keepJson, needs, outputs, shows, slug, tellDelays, test} from '../lib/test.mjs';
import {installStampReader, seenAtLeast, untilPlaying} from '../lib/watch.mjs';

const PICTURES = 6 * FRAMES;

let screens = null;

for (const [name, view] of [
  ['straight ahead', GOOD_VIEW],
  ['aslant, small, dim, blurred and noisy', {
    fill: 0.75, yawDeg: 20, pitchDeg: 10, rollDeg: 5, blurPx: 1, exposure: 0.3, exposureMs: 33, veil: 0.05, noise: 5,
  }],
]) {
  test(`the codes are read, none of them wrongly: ${name}`, async ({target, browser, page}) => {
    needs(target, 'scenarios');
    needs(target, 'stamp');
    screens ??= await paintScreens(browser);
    const file = path.join(outputs, `${slug(name)}.y4m`);
    await record(screens, view, file);
    await target.transition('serving', {scenario: file});
    await page.goto(target.httpUrl);
    await untilPlaying(page);
    await installStampReader(page);
    await watchCodes(page);
    const glimpses = await seenAtLeast(page, PICTURES, 'glimpses');
    await keep(`glass-${slug(name)}.png`, await page.screenshot());
    const {offsetMs, roundTripMs} = await offsetToMonotonic(page);

    const pictures = glimpses.map(({drawnMs, frame, capture10us, codes}) => {
      const within = frame % FRAMES;
      const capturedMs = drawnMs - millisecondsSince(capture10us, drawnMs + offsetMs);
      return {drawnMs, within, codes, paintedMs: codes.map(({number}) => capturedMs - msBefore(within, number))};
    });
    const {delays, ...account} = glassToGlass(pictures);
    await keepJson(`glass-${slug(name)}.json`, {view, ...account});
    console.log(JSON.stringify({name, ...account}));
    for (const {within, codes} of pictures) {
      const onMonitor = numbersIn(within, view);
      for (const {number, paintedMs} of codes) {
        expect(onMonitor, `frame ${within} of the recording`).toContain(number);
        expect(paintedMs).toBe(paintedMsOf(number));
      }
    }
    expect(account.withCodes).toBeGreaterThan(PICTURES / 2);
    if (shows(target, 'milliseconds', 'how long it takes')) {
      await tellDelays('from the painting of a code to the canvas', delays);
      // Clocks compared over sockets of a busy machine differ a little.
      expect(Math.min(...delays.map(({delayMs}) => delayMs))).toBeGreaterThan(-(1 + roundTripMs / 2));
    }
  });
}

test('the painting page paints one number after the other, with the time it is', async ({browser}) => {
  const page = await browser.newPage();
  const reader = await browser.newPage();
  await installReader(reader);
  await installPainter(page);
  const clock = () => page.evaluate(() => performance.timeOrigin + performance.now());
  const beganMs = await clock();
  await paintForEver(page);
  let codes = [];
  await expect.poll(async () => {
    codes = await codesIn(reader, await page.screenshot());
    return codes.length;
  }).toBe(SLOTS);
  const endedMs = await clock();

  codes.sort((a, b) => a.number - b.number);
  await keepJson('painted.json', {beganMs, codes, endedMs});
  codes.forEach(({number}, at) => expect(number).toBe(codes[0].number + at));
  const timesMs = [beganMs - 0.1, ...codes.map(({paintedMs}) => paintedMs), endedMs + 0.1];
  expect(timesMs).toEqual([...timesMs].sort((a, b) => a - b));
  await page.close();
  await reader.close();
});

test('of several codes in a picture the newest counts, and pictures without any are told', () => {
  const {delays, delayMs, ...counts} = glassToGlass([
    {drawnMs: 1100, paintedMs: [1000, 1016, 1033]},
    {drawnMs: 1140, paintedMs: []},
    {drawnMs: 1180, paintedMs: [1080]},
  ]);
  expect(counts).toEqual({pictures: 3, withCodes: 2, codes: 4});
  expect(delays).toEqual([{drawnMs: 1100, delayMs: 67}, {drawnMs: 1180, delayMs: 100}]);
  expect(delayMs).toMatchObject({p50: 100, count: 2});
  expect(glassToGlass([]).delayMs).toBeNull();
});
