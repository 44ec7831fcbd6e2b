// Many viewers at once see the same pictures.

import {createHash} from 'node:crypto';
import {expect, keepJson, needs, test} from '../lib/test.mjs';
import {parseV1, Viewer} from '../lib/viewer.mjs';
import {seenAtLeast, totals, untilPlaying, watchCanvas} from '../lib/watch.mjs';

const PAGES = 3;
const PICTURES = 72;

const digest = (bytes) => createHash('sha256').update(bytes).digest('hex');

// The pictures of `list` from `first` to `last`, inclusive.
function between(list, first, last) {
  return list.slice(list.indexOf(first), list.indexOf(last) + 1);
}

test('pages and plain clients at once all see the same frames', async ({target, browser}) => {
  needs(target, 'stamp');
  await target.transition('serving');
  const stream = new URL('/stream', target.httpUrl.replace('http', 'ws'));
  const pages = await Promise.all(Array.from({length: PAGES}, async () => {
    const page = await (await browser.newContext()).newPage();
    await page.goto(target.httpUrl);
    await untilPlaying(page);
    await watchCanvas(page);
    return page;
  }));
  const headed = await Promise.all(Array.from({length: 2}, () => Viewer.connect(stream, {protocol: 'pistream.v1'})));
  const plain = await Promise.all([stream, stream, new URL('/', stream), target.wsUrl].map((url) => Viewer.connect(url)));

  const seen = await Promise.all(pages.map((page) => seenAtLeast(page, PICTURES)));
  const clients = [...headed, ...plain];
  await Promise.all(clients.map((client) => client.until(({pictures}) => pictures.length >= PICTURES)));

  const reference = headed[0].pictures.map(parseV1);
  const digests = reference.map(({picture}) => digest(picture));
  const lists = [
    headed[1].pictures.map((message) => digest(parseV1(message).picture)),
    ...plain.map(({pictures}) => pictures.map(digest)),
  ];
  for (const list of lists) {
    const first = list.find((each) => digests.includes(each));
    const last = list.findLast((each) => digests.includes(each));
    const common = between(list, first, last);
    expect(common.length).toBeGreaterThan(PICTURES / 2);
    expect(common).toEqual(between(digests, first, last));
  }

  // Pages show the same frames, each once and in order; how many they skip depends on the machine, but they
  // must count them.
  const frames = reference.map(({sequence}) => Number(sequence & 0xffffn));
  const shares = await Promise.all(pages.map(async (page, index) => {
    const shown = seen[index].map(({frame}) => frame);
    const inCommon = ([first, ...others]) => (frame) => frame >= first && frame <= others.at(-1);
    const expected = frames.filter(inCommon(shown));
    const common = shown.filter(inCommon(frames));
    expect(common.length).toBeGreaterThan(0);
    expect(common).toEqual(expected.filter((frame) => common.includes(frame)));
    await expect.poll(async () => {
      const {received, decoded, dropped, damaged} = await totals(page);
      return received >= PICTURES && received - decoded - dropped === 0 && damaged === 0;
    }).toBe(true);
    return {frames: expected.length, shown: common.length, total: await totals(page)};
  }));
  await keepJson('viewers.json', {clients: clients.length, pages: shares});
  await Promise.all(pages.map((page) => page.context().close()));
});
