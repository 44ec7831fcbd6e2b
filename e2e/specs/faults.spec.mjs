// Faults of camera, network and program, and their effects on viewers. Frame numbers are those of the scenarios.

import {readdir, readFile} from 'node:fs/promises';
import path from 'node:path';
import {
  Audience, expectLossesCounted, expectNoHoles, expectOrder, expectSubset, missingIn, ownFrames, readPlain, readV1,
} from '../lib/audience.mjs';
import {readMetrics} from '../lib/metrics.mjs';
import {expect, needs, tellEvent, tellFrames, test} from '../lib/test.mjs';
import {parseV1, Viewer} from '../lib/viewer.mjs';
import {pictureSize, untilPlaying} from '../lib/watch.mjs';

const FRAMERATE = 24;
// In units of the stamp's times: 10 us.
const FRAME_TIME = 100_000 / FRAMERATE;
const SCENARIOS = process.env.SCENARIOS;

/** Resolves when the client of pistream.v1 has received that frame, or a later one. */
const untilFrame = (viewer, number) =>
    viewer.until(({pictures}) => pictures.length > 0 && sequenceOf(pictures.at(-1)) >= number);
// The first picture after a loss or a join.
const isLate = (message) => isPicture(message) && (parseV1(message).flags & 1) !== 0;
const isPicture = (message) => message[0] === 1;
const sequenceOf = (message) => isPicture(message) ? Number(parseV1(message).sequence) : -1;

const statusOf = (page) => page.getByRole('status');

/**
 * All viewers watch from the scenario's beginning. So the page is loaded before, from a program on the same
 * address, which this one replaces.
 */
async function watchScenario(target, page, name, joinBefore) {
  needs(target, 'scenarios');
  needs(target, 'stamp');
  const file = path.join(SCENARIOS, `${name}.toml`);
  const [comment] = (await readFile(file, 'utf8')).split('\n\n');
  await target.transition('serving');
  const audience = await Audience.open(target, page);
  const {port} = new URL(target.httpUrl);
  await target.transition('serving', {port, scenario: file});
  await page.waitForFunction(() => globalThis.states.includes('reconnecting'));
  await page.evaluate(() => dispatchEvent(new Event('online')));
  await audience.join();
  await tellEvent('fault', `${name}.toml: ${comment.replaceAll(/^# ?/gm, '').replaceAll('\n', ' ')}`);
  expect(sequenceOf(audience.v1.pictures[0]), 'all watch before the first fault').toBeLessThan(joinBefore);
  return audience;
}

/** Frame 0's capture, and the time from it to each frame's, in frame times. */
const framesSince = (frames) => {
  const {frame, capture10us} = frames[0];
  return frames.map((each) => frame + Math.round(((each.capture10us - capture10us) | 0) / FRAME_TIME));
};

const scenarios = {
  'stall': async ({target, page}) => {
    const audience = await watchScenario(target, page, 'stall', 48);
    await untilFrame(audience.v1, 60);
    const {frames, states} = await audience.compare();
    await audience.expectNobodyLeft();
    // None is missing, but from number 48 on frames are captured a second later.
    const times = framesSince(frames);
    frames.forEach(({frame}, at) => expect(times[at], `frame ${frame}`).toBe(frame < 48 ? frame : frame + FRAMERATE));
    expect(states).not.toContain('reconnecting');
    await tellEvent('followed', 'a still picture for a second, then the next frame');
  },

  'drops': async ({target, page}) => {
    const audience = await watchScenario(target, page, 'drops', 48);
    await untilFrame(audience.v1, 84);
    const {frames} = await audience.compare();
    await audience.expectNobodyLeft();
    const seen = new Set(frames.map(({frame}) => frame));
    expect([48, 72, 73, 74, 75, 76].filter((frame) => seen.has(frame))).toEqual([]);
    framesSince(frames).forEach((time, at) => expect(time).toBe(frames[at].frame));
    const metrics = await readMetrics(target.httpUrl);
    expect(metrics.pistream_frames_lost_in_camera_total).toBeGreaterThanOrEqual(6);
    const missing = missingIn(frames);
    await tellEvent('followed', `missing: ${missing.map(({frame, count}) => `${count} from number ${frame}`).join(', ')}`);
  },

  'timestamps': async ({target, page}) => {
    const audience = await watchScenario(target, page, 'timestamps', 48);
    await untilFrame(audience.v1, 132);
    const frames = ownFrames((await audience.compare()).frames);
    await audience.expectNobodyLeft();
    // Stamps have the true time, headers the one that the camera reported.
    const told = ({capturedNs}) => Number(capturedNs / 10_000n & 0xffffffffn);
    const behind = (frame) => (frame.capture10us - told(frame)) | 0;
    const hasOldTime = ({frame}) => frame >= 48 && frame < 51;
    frames.filter((each) => !hasOldTime(each)).forEach((each) => {
      expect(behind(each), `frame ${each.frame}`).toBe(each.frame >= 96 && each.frame < 120 ? 20_000 : 0);
    });
    const old = frames.filter(hasOldTime);
    expect(new Set(old.map(told)).size, 'frames 48 to 50 have one time').toBe(1);
    expect(behind(old[0]), 'that of a frame before them').toBeGreaterThan(FRAME_TIME - 1);
    framesSince(frames).forEach((time, at) => expect(time).toBe(frames[at].frame));
    await tellEvent('followed', 'every frame once and in order; the headers tell what the camera said');
  },

  'unplugged': async ({target, page}) => {
    const audience = await watchScenario(target, page, 'unplugged', 48);
    await expect(statusOf(page)).toContainText('No picture from the camera');
    await tellEvent('followed', 'the page says: No picture from the camera');
    const before = audience.v1.pictures.length;
    await audience.v1.until(({pictures}) => pictures.length >= before + FRAMERATE);
    await untilPlaying(page);
    const {frames, states} = await audience.compare();
    await audience.expectNobodyLeft();
    // A machine that is busy may stall again.
    expect(states.slice(0, 2)).toEqual(['stalled', 'playing']);
    expect(states).not.toContain('reconnecting');
    // The returned camera counts from 0, and the stream continues with an I picture.
    const back = frames.findIndex((frame, at) => at > 0 && frame.frame < frames[at - 1].frame);
    expect(frames[back - 1].frame).toBeLessThan(48);
    expect(frames[back].isIntra).toBe(true);
    expect(framesSince(frames)[back] - frames[back - 1].frame).toBeGreaterThan(3 * FRAMERATE);
    await tellEvent('followed', 'the stream goes on, with an I picture');
  },

  'another-size': async ({target, page}) => {
    const audience = await watchScenario(target, page, 'another-size', 48);
    await expect.poll(() => pictureSize(page)).toEqual({width: 320, height: 240});
    const before = audience.v1.pictures.length;
    await audience.v1.until(({pictures}) => pictures.length >= before + FRAMERATE);
    await Promise.all([audience.plain, audience.classic].map((client) => client.untilClosed()));
    const {messages, states} = await audience.compare();
    expect(states).not.toContain('reconnecting');
    expect(await audience.reconnections()).toBe(0);
    await tellEvent('followed', 'the page shows 320x240, over the same connection');
    // A client of pistream.v1 gets a new header, then an I picture.
    const told = messages.findIndex(({size}, at) => at > 0 && size !== undefined);
    expect(messages[told].size).toEqual({width: 320, height: 240});
    expect(messages[told + 1].isIntra).toBe(true);
    messages.slice(told + 1).forEach(({width, height}) => expect([width, height]).toEqual([320, 240]));
    // Other clients cannot handle a new size: they are disconnected, and get it when they reconnect.
    for (const {client, url} of [
      {client: audience.plain, url: new URL('/stream', target.httpUrl.replace('http', 'ws'))},
      {client: audience.classic, url: target.wsUrl},
    ]) {
      expect(client.closed).toEqual({code: 1012, reason: 'the picture\'s size has changed'});
      const again = await Viewer.connect(url);
      await again.until(({pictures}) => pictures.length > 0);
      expect(again.binary[0].toString('hex')).toBe('6a736d70014000f0');
      const [first] = await readPlain(again);
      expect(first).toMatchObject({width: 320, height: 240, isIntra: true});
      again.close();
    }
    await tellEvent('followed', 'clients without pistream.v1 are closed with 1012; connected again, they get 320x240');
  },
};

test('each scenario has its test', async () => {
  const files = (await readdir(SCENARIOS)).filter((name) => name.endsWith('.toml'));
  expect(files.map((name) => path.basename(name, '.toml')).sort()).toEqual(Object.keys(scenarios).sort());
});

for (const [name, check] of Object.entries(scenarios)) {
  test(`the camera: ${name}`, check);
}

/** A page and clients that use the faulty network, and a classic client that does not. */
async function watchThroughNetwork(target, page, options = {}) {
  needs(target, 'network');
  needs(target, 'stamp');
  await target.transition('serving', options);
  const network = await target.network();
  const audience = await Audience.open(target, page, network.httpUrl);
  await audience.join();
  return {network, audience};
}

/**
 * Whatever the fault of the network: viewers that do not use it got everything, and the others lost only
 * pictures before an I picture. Returns the frames of both.
 */
async function expectOrderly(target, {audience, clients = []}) {
  const {v1, plain, classic} = audience;
  expect(classic.closed, 'a viewer that is not behind the network').toBeNull();
  const reference = await readPlain(classic);
  expectOrder(reference, 'beside the network');
  await expectLossesCounted(target, reference, audience.countedBefore, 'beside the network');
  await tellFrames('sent beside the network', reference);
  const behind = [];
  for (const [who, client, read] of [
    ['pistream.v1', v1, readV1], ['/stream', plain, readPlain], ...clients.map((each) => ['/stream', each, readPlain]),
  ]) {
    const frames = (await read(client)).filter(({picture}) => picture !== undefined);
    expectOrder(frames, who);
    expectNoHoles(frames, reference, who);
    await tellFrames(`sent through the network, ${who}`, frames);
    behind.push(frames);
  }
  const {seen} = await audience.seenUntil(reference.at(-1));
  expectSubset(seen, reference, 'the page');
  return {reference, behind};
}

test('the network: slow', async ({target, page}) => {
  const {network, audience} = await watchThroughNetwork(target, page, {bitrate: '4M'});
  const lost = async () => (await readMetrics(target.httpUrl)).pistream_pictures_dropped_behind_total;
  await network.slow(1_000_000);
  await tellEvent('fault', 'the network carries 1 Mbit/s for three viewers of up to 4 each');
  await expect.poll(lost).toBeGreaterThan(3 * FRAMERATE);
  await tellEvent('followed', 'those behind it have lost pictures: a second each, on average');
  await network.heal();
  await tellEvent('fault', 'the network is as it was');
  const {v1} = audience;
  const healed = v1.pictures.length;
  await v1.until(({pictures}) => pictures.length >= healed + FRAMERATE && !pictures.slice(-FRAMERATE).some(isLate));
  await tellEvent('followed', 'a second without a loss');
  const {reference, behind: [frames]} = await expectOrderly(target, {audience});
  audience.clients.forEach(({closed}) => expect(closed).toBeNull());
  // Each loss is flagged, and nothing else.
  const places = new Map(ownFrames(reference).map(({capture10us}, at) => [capture10us, at]));
  const common = ownFrames(frames).filter(({capture10us}) => places.has(capture10us));
  common.slice(1).forEach(({capture10us, frame, flags}, at) => {
    const isNext = places.get(capture10us) === places.get(common[at].capture10us) + 1;
    expect(flags & 1, `frame ${frame}`).toBe(isNext ? 0 : 1);
  });
});

test('the network: cut', async ({target, page}) => {
  const {network, audience} = await watchThroughNetwork(target, page);
  await network.cut();
  await tellEvent('fault', 'nothing goes through the network');
  await expect(statusOf(page)).toContainText('Connection lost');
  await tellEvent('followed', 'the page says: Connection lost');
  await network.heal();
  await tellEvent('fault', 'the network is as it was');
  await untilPlaying(page);
  expect(await audience.reconnections()).toBeGreaterThanOrEqual(1);
  await tellEvent('followed', 'the page plays, over a new connection');
  const again = await Viewer.connect(new URL('/stream', network.httpUrl.replace('http', 'ws')));
  await again.until(({pictures}) => pictures.length >= FRAMERATE);
  await expectOrderly(target, {audience, clients: [again]});
});

test('the network: packets lost, doubled and overtaken', async ({target, page}) => {
  needs(target, 'packets');
  const {network, audience} = await watchThroughNetwork(target, page);
  await network.mangle();
  await tellEvent('fault', 'packets are lost, doubled and overtaken');
  const before = audience.v1.pictures.length;
  await audience.v1.until(({pictures}) => pictures.length >= before + 3 * FRAMERATE);
  const {lost} = await network.heal();
  expect(lost).toBeGreaterThan(0);
  await expectOrderly(target, {audience});
  await audience.expectNobodyLeft();
  await tellEvent('followed', `${lost} packets were lost, and no frame twice, damaged or out of order`);
});

test('the program: killed, and started again; then stopped', async ({target, page}) => {
  needs(target, 'options');
  needs(target, 'stamp');
  await target.transition('serving');
  const audience = await Audience.open(target, page);
  await audience.join();
  await audience.v1.until(({pictures}) => pictures.length >= FRAMERATE);
  await tellEvent('fault', 'the program is killed, and started again in its place');
  await target.crash();
  for (const client of audience.clients) {
    await client.untilClosed();
    expect(client.closed.code).toBe(1006);
  }
  await tellEvent('followed', 'clients without a page: the connection is gone, without a close frame');
  await page.waitForFunction(() => globalThis.states.includes('reconnecting') && globalThis.states.at(-1) === 'playing');
  await tellEvent('followed', 'the page has found it again, and plays');
  await audience.join();
  await audience.v1.until(({pictures}) => pictures.length >= FRAMERATE);
  await audience.compare();
  await tellEvent('fault', 'the program is stopped');
  await target.transition('booted');
  for (const client of audience.clients) {
    await client.untilClosed();
    expect(client.closed).toEqual({code: 1001, reason: 'the server stops'});
  }
  await expect(statusOf(page)).toContainText('Connection lost');
  await tellEvent('followed', 'clients are closed with 1001; the page says: Connection lost');
});
