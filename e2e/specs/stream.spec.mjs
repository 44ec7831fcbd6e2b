// The protocol on the wire: docs/protocol.md, byte by byte.

import {makeDecoder} from '../lib/decode.mjs';
import {describe} from '../lib/mpeg1.mjs';
import {readStamp} from '../lib/stamp.mjs';
import {expect, needs, test} from '../lib/test.mjs';
import {CLASSIC_TRAILER, parseV1, Viewer} from '../lib/viewer.mjs';

const SIZE = {width: 640, height: 480};
const streamUrl = (target) => new URL('/stream', target.httpUrl.replace('http', 'ws'));
const INTRA = /^sequence group I( slice)+$/;
const PREDICTED = /^P( slice)+$/;

const stampOf = ({pixels, width, height}) => readStamp({data: pixels, width}, width, height);

async function viewersOfAllPaths(target) {
  const urls = [streamUrl(target), new URL('/', streamUrl(target)), target.wsUrl];
  return Promise.all(urls.map((url) => Viewer.connect(url)));
}

test.beforeEach(async ({target}) => target.transition('serving'));

test('the first message of every path is the jsmp header', async ({target}) => {
  for (const viewer of await viewersOfAllPaths(target)) {
    await viewer.until(({binary}) => binary.length > 0);
    expect(viewer.binary[0].toString('hex')).toBe('6a736d70028001e0');
  }
});

test('on /stream every message is exactly one picture, the first an I picture', async ({target}) => {
  const viewer = await Viewer.connect(streamUrl(target));
  await viewer.until(({pictures}) => pictures.length >= 96);
  const kinds = viewer.pictures.map((picture) => describe(picture).join(' '));
  expect(kinds[0]).toMatch(INTRA);
  kinds.forEach((kind) => expect(kind).toMatch(kind.includes('I') ? INTRA : PREDICTED));
  // A GOP of one second. Shorter if a keyframe was requested: by the last test's viewers, or by this one, if it
  // fell behind.
  const intra = kinds.flatMap((kind, index) => kind.includes('I') ? [index] : []);
  expect(Math.max(...intra.slice(1).map((at, index) => at - intra[index]))).toBe(24);
});

test('every message begins with a start code', async ({target}) => {
  for (const viewer of await viewersOfAllPaths(target)) {
    await viewer.until(({pictures}) => pictures.length >= 30);
    for (const picture of viewer.pictures) {
      expect(picture.subarray(0, 3).toString('hex')).toBe('000001');
      expect(picture.length).toBeLessThanOrEqual(512 * 1024);
    }
  }
});

test('on the classic paths, and only there, a trailer follows each picture', async ({target}) => {
  const [stream, ...classic] = await viewersOfAllPaths(target);
  for (const viewer of classic) {
    await viewer.until(({binary}) => binary.length > 60);
    const messages = viewer.binary.slice(1);
    messages.forEach((message, index) => expect(message.equals(CLASSIC_TRAILER)).toBe(index % 2 === 1));
  }
  expect(stream.pictures).toEqual(stream.binary.slice(1));
});

test('all paths begin with an I picture, and their joined bytes are pictures in order', async ({target}) => {
  for (const viewer of await viewersOfAllPaths(target)) {
    await viewer.until(({pictures}) => pictures.length >= 48);
    const codes = describe(Buffer.concat(viewer.pictures)).join(' ');
    expect(codes).toMatch(/^sequence group I/);
    expect(codes).not.toMatch(/[DB]|forbidden|reserved/);
  }
});

test('the pictures can be decoded, from the first, and show frames in order', async ({target}) => {
  needs(target, 'stamp');
  const viewer = await Viewer.connect(streamUrl(target));
  await viewer.until(({pictures}) => pictures.length >= 48);
  const decode = await makeDecoder(SIZE);
  const frames = viewer.pictures.map((picture) => {
    const {pixels, width, height} = decode(picture);
    expect({width, height}).toEqual(SIZE);
    return stampOf({pixels, width, height}).frame;
  });
  expect(frames).toEqual([...new Set(frames)].sort((a, b) => a - b));
});

test.describe('pistream.v1', () => {
  const connect = (target) => Viewer.connect(streamUrl(target), {protocol: 'pistream.v1'});

  test('is agreed to on /stream, and only if asked for', async ({target}) => {
    expect((await connect(target)).protocol).toBe('pistream.v1');
    expect((await Viewer.connect(streamUrl(target))).protocol).toBe('');
  });

  test('puts 32 true bytes in front of each picture', async ({target}) => {
    needs(target, 'stamp');
    const viewer = await connect(target);
    await viewer.until(({pictures}) => pictures.length >= 30);
    const decode = await makeDecoder(SIZE);
    let before = null;
    for (const message of viewer.pictures) {
      const {picture, ...header} = parseV1(message);
      expect(header).toMatchObject({version: 1, reserved: 0});
      expect(header.type).toBe(describe(picture).includes('I') ? 1 : 2);
      expect(header.flags & 1).toBe(before === null ? 1 : 0);
      const stamp = stampOf(decode(picture));
      expect(stamp.frame).toBe(Number(header.sequence & 0xffffn));
      expect(stamp.capture10us).toBe(Number(header.capturedNs / 10_000n & 0xffffffffn));
      expect(header.sentNs).toBeGreaterThan(header.capturedNs);
      if (before !== null) {
        expect(header.sequence).toBeGreaterThan(before.sequence);
        expect(header.capturedNs).toBeGreaterThan(before.capturedNs);
      }
      before = header;
    }
  });

  test('answers a ping with its clock', async ({target}) => {
    const viewer = await connect(target);
    viewer.send('{"type":"ping","id":7}');
    // On a slow network, a second ping before the first pong would replace the first.
    await viewer.until(({control}) => control.length === 1);
    viewer.send('{"type":"ping","id":9007199254740991}');
    await viewer.until(({control}) => control.length === 2);
    expect(viewer.control.map(({type, id}) => ({type, id}))).toEqual([
      {type: 'pong', id: 7}, {type: 'pong', id: 9007199254740991},
    ]);
    const [first, second] = viewer.control.map(({server_ns: ns}) => BigInt(ns));
    expect(second).toBeGreaterThanOrEqual(first);
  });

  test('ignores what it does not know', async ({target}) => {
    const viewer = await connect(target);
    for (const text of ['', 'hello', '{}', '[]', '{"type":"later"}', '{"type":"ping","id":"x"}', '{"type":7}']) {
      viewer.send(text);
    }
    viewer.send('{"type":"ping","id":1}');
    await viewer.until(({control}) => control.length > 0);
    expect(viewer.control).toHaveLength(1);
    await viewer.until(({pictures}) => pictures.length >= 30);
  });

  test('makes an I picture when asked', async ({target}) => {
    needs(target, 'options');
    await target.transition('serving', {gop: 1000});
    const viewer = await connect(target);
    await viewer.until(({pictures}) => pictures.length >= 20);
    viewer.send('{"type":"keyframe"}');
    await viewer.until(({pictures}) => pictures.slice(20).some((message) => parseV1(message).type === 1));
    expect(viewer.pictures.length).toBeLessThan(100);
  });

  test('does not reach the classic path', async ({target}) => {
    const viewer = await Viewer.connect(target.wsUrl);
    viewer.send('{"type":"ping","id":1}');
    await viewer.until(({pictures}) => pictures.length >= 10);
    expect(viewer.control).toEqual([]);
  });
});
