// Watches what a page shows: each picture as it is drawn, by its stamp.

import {readFile} from 'node:fs/promises';
import {stampArea} from './stamp.mjs';

/** Resolves when the page's player plays. */
export async function untilPlaying(page) {
  await page.waitForFunction(() => document.body?.dataset.state === 'playing' &&
      document.querySelector('pistream-video').player.size !== undefined);
}

/** Resolves to the longest of the delays of the page's next `count` pictures, in milliseconds. */
export async function longestDelay(page, count = 24) {
  return page.evaluate((wanted) => {
    const {player} = document.querySelector('pistream-video');
    const delays = [];
    return new Promise((resolve) => {
      const onPicture = ({detail: {delayMs}}) => {
        if (delayMs !== undefined && delays.push(delayMs) === wanted) {
          player.removeEventListener('picture', onPicture);
          player.watchPictures(false);
          resolve(Math.max(...delays));
        }
      };
      player.addEventListener('picture', onPicture);
      player.watchPictures(true);
    });
  }, count);
}

/**
 * Calls `show`, which makes the hidden page visible, and resolves to {sinceCaptureMs, delayMs} of the
 * first picture it draws then. `sinceCaptureMs`, from the moment it was visible to the capture of that
 * picture, tells whether the picture is a live one: more than a frame or two below zero, and what a
 * picture takes to get there on this machine, and it had waited somewhere.
 */
export async function firstPictureAfter(page, show) {
  await page.evaluate(() => {
    const now = () => performance.timeOrigin + performance.now();
    const {player} = document.querySelector('pistream-video');
    globalThis.first = new Promise((resolve) => {
      document.addEventListener('visibilitychange', () => {
        const visibleMs = now();
        player.addEventListener('picture', ({detail: {drawnMs, delayMs}}) => {
          resolve({sinceCaptureMs: drawnMs - delayMs - visibleMs, delayMs});
        }, {once: true});
      }, {once: true});
    });
    player.watchPictures(true);
  });
  await show();
  return page.evaluate(() => globalThis.first);
}

/**
 * From now on the page remembers each picture's stamp, read from the canvas it was drawn on. `area`:
 * the pixels from the top left to read it from, if pictures of other sizes may come.
 */
export async function watchCanvas(page, area = undefined) {
  const {width, height} = area ?? await pictureSize(page).then((size) => stampArea(size.width, size.height));
  await installStampReader(page);
  await page.evaluate((rectangle) => {
    globalThis.seen = [];
    const {player} = document.querySelector('pistream-video');
    player.addEventListener('picture', ({detail: {pixels, drawnMs, delayMs, stamp}}) => {
      globalThis.seen.push({
        drawnMs,
        delayMs,
        sequence: stamp?.sequence,
        ...readStamp(pixels, player.size.width, player.size.height),
      });
    });
    player.watchPictures(rectangle);
  }, {x: 0, y: 0, width, height});
}

/**
 * From now on the page remembers each picture's stamp, read from what is presented: the canvas that
 * `findCanvas` finds in the page, looked at in each animation frame, however it is drawn.
 */
export async function watchScreen(page, size, findCanvas) {
  await installStampReader(page);
  await page.evaluate(`globalThis.findCanvas = ${findCanvas}`);
  await page.evaluate(([area, {width, height}]) => {
    globalThis.presented = [];
    const copy = new OffscreenCanvas(area.width, area.height);
    const context = copy.getContext('2d', {willReadFrequently: true});
    const look = () => {
      context.drawImage(findCanvas(), 0, 0, area.width, area.height, 0, 0, area.width, area.height);
      const read = readStamp(context.getImageData(0, 0, area.width, area.height), width, height);
      if (read !== null && read.frame !== globalThis.presented.at(-1)?.frame) {
        const presentedMs = performance.timeOrigin + performance.now();
        globalThis.presented.push({presentedMs, ...read});
      }
      requestAnimationFrame(look);
    };
    look();
  }, [stampArea(size.width, size.height), size]);
}

/** Code in the page has readStamp from now on. As a script: its policy lets it import nothing of ours. */
export async function installStampReader(page) {
  const module = await readFile(new URL('stamp.mjs', import.meta.url), 'utf8');
  const script = module.replaceAll(/^export /gm, '');
  await page.evaluate(`(() => { ${script}; globalThis.readStamp = readStamp; })()`);
}

export const pistreamCanvas = () => document.querySelector('pistream-video').player.canvas;

/** Resolves to what was seen by now, once it is `count` pictures. */
export async function seenAtLeast(page, count, list = 'seen') {
  await page.waitForFunction(
      ([name, wanted]) => globalThis[name].length >= wanted, [list, count], {polling: 100});
  return page.evaluate((name) => globalThis[name], list);
}

export async function pictureSize(page) {
  return page.evaluate(() => document.querySelector('pistream-video').player.size);
}

/** What the player has counted; about a second old. Waits for the first account there is. */
export async function totals(page) {
  const account = await page.waitForFunction(
      () => document.querySelector('pistream-video').player.statistics?.total, null, {polling: 100});
  return account.jsonValue();
}

/** The same, of this moment: from the account that comes next. */
export async function nextTotals(page) {
  return page.evaluate(() => new Promise((resolve) => {
    const video = document.querySelector('pistream-video');
    video.addEventListener('statistics', ({detail}) => resolve(detail.total), {once: true});
  }));
}

/** Resolves when the player has reported so many times, about once a second. */
export async function accounts(page, count) {
  await page.evaluate((wanted) => {
    globalThis.accounts = 0;
    document.querySelector('pistream-video').addEventListener('statistics', () => globalThis.accounts += 1);
    return wanted;
  }, count);
  await page.waitForFunction((wanted) => globalThis.accounts >= wanted, count, {polling: 1000, timeout: 3000 * count});
}

/** Whether the server stops sending to a viewer that asks for it: those that have a list of streams do. */
export async function pausesViewers(target) {
  return (await fetch(new URL('api/v1/streams', target.httpUrl))).ok;
}

/** Resolves when the player has received that many pictures since it began. */
export async function untilReceived(page, count, {polling = 500, timeout = 30_000} = {}) {
  await page.waitForFunction(
      (wanted) => document.querySelector('pistream-video').player.statistics?.total.received >= wanted,
      count, {polling, timeout});
}

/** How many frames lie between neighbours, in a 16-bit count: -1, the same twice; less, back in time. */
export function gapsOf(frames) {
  const signed = (difference) => ((difference + 0x18000) & 0xffff) - 0x8000;
  return frames.slice(1).map((frame, index) => signed(frame - frames[index]) - 1);
}

export const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
