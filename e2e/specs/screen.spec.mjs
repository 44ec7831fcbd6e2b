// The visible result: the screen of a virtual display, not a screenshot by the browser, which would make it
// render a frame.

import {cp, mkdtemp} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {Display} from '../lib/display.mjs';
import {stampOnScreen} from '../lib/find_video.mjs';
import {encodePng} from '../lib/png.mjs';
import {TabbedChromium} from '../lib/tabs.mjs';
import {expect, keep, needs, test} from '../lib/test.mjs';
import {WebKit} from '../lib/webkit.mjs';

const SIZE = {width: 640, height: 480};
const LOOK_EVERY_MS = 250;
// If there is no picture for this time, the screen stays blank.
const LOOKS = 80;

/** Resolves when the page has its frame on the screen, and nothing has changed for a second. */
async function untilAtRest(display) {
  let before;
  for (let unchanged = 0; unchanged < 4;) {
    await sleep(LOOK_EVERY_MS);
    const screen = await display.screen();
    const isSame = before !== undefined && Buffer.compare(Buffer.from(screen.data.buffer), Buffer.from(before.data.buffer)) === 0;
    unchanged = isSame && stampOnScreen(screen, SIZE) !== undefined ? unchanged + 1 : 0;
    before = screen;
  }
}

/** Resolves to the frame numbers of two pictures on the screen; fewer if they do not appear. */
async function framesOnScreen(display) {
  const frames = new Set();
  for (let look = 0; look < LOOKS && frames.size < 2; ++look) {
    await sleep(LOOK_EVERY_MS);
    const stamp = stampOnScreen(await display.screen(), SIZE);
    if (stamp) {
      frames.add(stamp.frame);
    }
  }
  return [...frames];
}

for (const [name, Browser] of [['Chromium', TabbedChromium], ['WebKit', WebKit]]) {
  test(`in a page at rest, a canvas of the stream's size shows the video: ${name}`, async ({target}) => {
    needs(target, 'options');
    needs(target, 'stamp');
    const webRoot = await mkdtemp(path.join(tmpdir(), 'web-root-'));
    await cp(path.resolve('pages', 'at-rest'), webRoot, {recursive: true});
    await target.transition('serving', {webRoot});
    const display = await Display.start();
    const browser = await Browser.start(display);
    try {
      const page = await browser.open(`${target.httpUrl}index.html`);
      await untilAtRest(display);
      await page.evaluate('start()');
      const frames = await framesOnScreen(display);
      await keep(`screen-${name.toLowerCase()}.png`, encodePng(await screenToKeep(display)));
      expect(frames.length, 'pictures on the screen').toBe(2);
      expect(await page.evaluate('sizes')).toEqual([SIZE]);
    } finally {
      await browser.stop();
      await display.stop();
    }
  });
}

async function screenToKeep(display) {
  const {data, ...size} = await display.screen();
  return {...size, pixels: data};
}
