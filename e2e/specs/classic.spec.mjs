// Pages made for pistreaming, with the original player and with the drop-in replacement.

import {cp, copyFile, mkdtemp} from 'node:fs/promises';
import {createRequire} from 'node:module';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {feed, openOriginalPlayer} from '../lib/original_player.mjs';
import {expect, keep, keepJson, needs, test} from '../lib/test.mjs';
import {Viewer} from '../lib/viewer.mjs';
import {gapsOf, seenAtLeast, watchScreen} from '../lib/watch.mjs';

const SIZE = {width: 640, height: 480};
const PICTURES = 96;

async function webRoot(page, withPlayer) {
  const folder = await mkdtemp(path.join(tmpdir(), 'web-root-'));
  await cp(path.resolve('pages', page), folder, {recursive: true});
  if (withPlayer) {
    const original = createRequire(import.meta.url).resolve('jsmpeg/jsmpg.js');
    await copyFile(original, path.join(folder, 'jsmpg.js'));
  }
  return folder;
}

const canvasOfPage = () => document.getElementById('videoCanvas');

for (const [name, folder, hasOwnPlayer] of [
  ['the original player', 'original', true],
  ['the drop-in player', 'drop-in', false],
]) {
  test(`a page customised for pistreaming plays with ${name}`, async ({target, page, complaints}) => {
    needs(target, 'options');
    needs(target, 'stamp');
    await target.transition('serving', {webRoot: await webRoot(folder, hasOwnPlayer)});
    await page.goto(target.httpUrl);
    await watchScreen(page, SIZE, canvasOfPage);
    const seen = await seenAtLeast(page, PICTURES, 'presented');
    const gaps = gapsOf(seen.map(({frame}) => frame));
    await keepJson(`frames-${folder}.json`, {gaps, seen});
    await keep(`page-${folder}.png`, await page.screenshot());
    expect(Math.min(...gaps), 'frames out of order').toBeGreaterThanOrEqual(0);
    expect(complaints.filter((text) => text.includes('Content Security Policy'))).toEqual([]);
  });
}

test('jsmpeg() gives what the original gave: canvas, size, pause, play, a call a picture', async ({target, page}) => {
  needs(target, 'options');
  await target.transition('serving', {webRoot: await webRoot('drop-in', false)});
  await page.goto(target.httpUrl);
  const calls = await page.evaluate(() => new Promise((resolve) => {
    const canvas = document.createElement('canvas');
    const socket = new WebSocket(client.url);
    let count = 0;
    const second = new jsmpeg(socket, {
      canvas,
      ondecodeframe: (who, where) => {
        count += 1;
        if (count === 10) {
          who.pause();
          resolve({sameCanvas: where === canvas && who.canvas === canvas, width: second.width, height: second.height});
        }
      },
    });
  }));
  expect(calls).toEqual({sameCanvas: true, ...SIZE});
});

// Fed by the test, because a network cannot reproduce a burst. The player must draw the same as when pictures
// arrive one by one, and the newest picture of each burst last.
test('the original player shows each picture when it comes, and bursts without damage', async ({target, page}) => {
  needs(target, 'stamp');
  await target.transition('serving');
  const viewer = await Viewer.connect(target.wsUrl);
  await viewer.until(({pictures}) => pictures.length >= PICTURES);
  const [header, ...messages] = viewer.binary.slice(0, 1 + 2 * PICTURES);
  await openOriginalPlayer(page);
  const play = async (burst) => {
    const groups = Array.from(
        {length: PICTURES / burst}, (_, at) => messages.slice(2 * at * burst, 2 * (at + 1) * burst));
    return (await feed(page, [[header], ...groups])).slice(1);
  };
  const alone = (await play(1)).map((drawn) => drawn.at(-1));
  const frames = alone.map(({frame}) => frame);
  expect(frames).toEqual([...new Set(frames)].sort((a, b) => a - b));
  expect(frames).not.toContain(undefined);
  for (const burst of [2, 3, 6]) {
    const drawn = await play(burst);
    expect(drawn.map((group) => group.at(-1))).toEqual(alone.filter((_, at) => (at + 1) % burst === 0));
    drawn.flat().forEach((picture) => expect(alone).toContainEqual(picture));
  }
});
