// Records the pictures that a page draws, by their stamps.

import {readFile} from 'node:fs/promises';
import {stampArea} from './stamp.mjs';

/** Resolves when the page's player is playing. */
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
 * first picture it draws then. `sinceCaptureMs` is the time from the moment the page became visible to the
 * capture of that picture. If it is further below zero than one or two frame times and the usual delay on
 * this machine, the picture is not a live one.
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
 * Lets the page record each picture's stamp, read from the canvas. `area`: the area from the top left that
 * contains the stamp, if the picture size may change.
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
 * Lets the page record each picture's stamp in every animation frame, read from the canvas that `findCanvas`
 * returns, independent of how it is drawn.
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

/** Installs readStamp in the page, as a script: the page's policy forbids imports from other origins. */
export async function installStampReader(page) {
  const module = await readFile(new URL('stamp.mjs', import.meta.url), 'utf8');
  const script = module.replaceAll(/^export /gm, '');
  await page.evaluate(`(() => { ${script}; globalThis.readStamp = readStamp; })()`);
}

export const pistreamCanvas = () => document.querySelector('pistream-video').player.canvas;

/** Resolves to the pictures recorded so far, once there are `count`. */
export async function seenAtLeast(page, count, list = 'seen') {
  await page.waitForFunction(
      ([name, wanted]) => globalThis[name].length >= wanted, [list, count], {polling: 100});
  return page.evaluate((name) => globalThis[name], list);
}

export async function pictureSize(page) {
  return page.evaluate(() => document.querySelector('pistream-video').player.size);
}

/** The player's latest statistics, up to a second old. Waits for the first ones. */
export async function totals(page) {
  const account = await page.waitForFunction(
      () => document.querySelector('pistream-video').player.statistics?.total, null, {polling: 100});
  return account.jsonValue();
}

/** The player's next statistics, which include everything so far. */
export async function nextTotals(page) {
  return page.evaluate(() => new Promise((resolve) => {
    const video = document.querySelector('pistream-video');
    video.addEventListener('statistics', ({detail}) => resolve(detail.total), {once: true});
  }));
}

/** Resolves when the player has emitted statistics `count` times, about once a second. */
export async function accounts(page, count) {
  await page.evaluate((wanted) => {
    globalThis.accounts = 0;
    document.querySelector('pistream-video').addEventListener('statistics', () => globalThis.accounts += 1);
    return wanted;
  }, count);
  await page.waitForFunction((wanted) => globalThis.accounts >= wanted, count, {polling: 1000, timeout: 3000 * count});
}

/** Whether the server supports `pause`: those with a list of streams do. */
export async function pausesViewers(target) {
  return (await fetch(new URL('api/v1/streams', target.httpUrl))).ok;
}

/** Resolves when the player has received that many pictures in total. */
export async function untilReceived(page, count, {polling = 500, timeout = 30_000} = {}) {
  await page.waitForFunction(
      (wanted) => document.querySelector('pistream-video').player.statistics?.total.received >= wanted,
      count, {polling, timeout});
}

/** The number of frames missing between neighbours, modulo 2^16: -1 is a duplicate; less is out of order. */
export function gapsOf(frames) {
  const signed = (difference) => ((difference + 0x18000) & 0xffff) - 0x8000;
  return frames.slice(1).map((frame, index) => signed(frame - frames[index]) - 1);
}

export const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
