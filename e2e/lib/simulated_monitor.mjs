// A recording for the simulated camera: the painting page on a monitor, as seen through lib/optics.mjs. It
// lasts a third of a second and can be looped.

import {writeFile} from 'node:fs/promises';
import {installPainter, SLOTS} from './glass.mjs';
import {expose, lightOf, Perspective, y4m} from './optics.mjs';

export const SIZE = {width: 640, height: 480};
export const FRAMERATE = 24;
export const FRAMES = 8;
const REFRESH_RATE = 60;
// One code at each. A multiple of SLOTS, so that also at the start of the loop each code replaces the one
// painted four before.
const REFRESHES = FRAMES * REFRESH_RATE / FRAMERATE;
const LENGTH_MS = 1000 * FRAMES / FRAMERATE;
const MONITOR = {width: 640, height: 480}; // pixels

/** The time of painting a code, by the page's clock, which starts with the recording. */
export const paintedMsOf = (number) => Math.round(number * 10_000 / REFRESH_RATE) / 10;

/** The page after each refresh, as light. */
export async function paintScreens(browser) {
  const page = await browser.newPage({viewport: MONITOR});
  await installPainter(page);
  const screens = [];
  // At the beginning, the codes from the end of the loop are still visible.
  for (let refresh = 1 - SLOTS; refresh < REFRESHES; ++refresh) {
    const number = numberAt(refresh);
    await page.evaluate(([...code]) => paintCode(...code), [number, paintedMsOf(number)]);
    if (refresh >= 0) {
      screens.push(lightOf(await pixelsOf(page, await page.screenshot())));
    }
  }
  await page.close();
  return screens;
}

async function pixelsOf(page, png) {
  const {width, height, base64} = await page.evaluate(async (encoded) => {
    const bytes = Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes]));
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
    context.drawImage(bitmap, 0, 0);
    const {data} = context.getImageData(0, 0, bitmap.width, bitmap.height);
    let text = '';
    for (let at = 0; at < data.length; at += 0x8000) {
      text += String.fromCharCode(...data.subarray(at, at + 0x8000));
    }
    return {width: bitmap.width, height: bitmap.height, base64: btoa(text)};
  }, png.toString('base64'));
  return {width, height, data: Buffer.from(base64, 'base64')};
}

/** Writes the recording of a camera with that view (lib/optics.mjs). */
export async function record(screens, view, file) {
  const perspective = new Perspective(screens[0], SIZE, view);
  const seen = screens.map((screen) => perspective.project(screen));
  const pictures = Array.from({length: FRAMES}, (_, frame) => {
    const parts = refreshesDuring(frame, view).map(({number, share}) => ({seen: seen[number], share}));
    return expose(parts, SIZE, view, frame);
  });
  await writeFile(file, y4m(pictures, SIZE, FRAMERATE));
}

// The refreshes during which the shutter is open, and their shares of that time. It closes when the frame is
// due, because the simulated camera delivers it immediately.
function refreshesDuring(frame, {exposureMs}) {
  const closed = frame / FRAMERATE * REFRESH_RATE;
  const opened = closed - exposureMs / 1000 * REFRESH_RATE;
  const refreshes = [];
  for (let refresh = Math.floor(opened); refresh < closed; ++refresh) {
    const share = (Math.min(closed, refresh + 1) - Math.max(opened, refresh)) / (closed - opened);
    refreshes.push({number: numberAt(refresh), share});
  }
  return refreshes;
}

/** Numbers of the codes that can be in that frame of the recording: those on the monitor during its exposure. */
export function numbersIn(frame, view) {
  const during = refreshesDuring(frame, view).map(({number}) => number);
  const before = Array.from({length: SLOTS - 1}, (_, at) => numberAt(during[0] - 1 - at));
  return [...before, ...during];
}

/** The time from painting a code until that frame is due. */
export function msBefore(frame, number) {
  return (frame * 1000 / FRAMERATE - number * 1000 / REFRESH_RATE + LENGTH_MS) % LENGTH_MS;
}

function numberAt(refresh) {
  return (refresh + REFRESHES) % REFRESHES;
}
