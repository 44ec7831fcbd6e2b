// One viewer of each kind for the same stream: a page, and plain clients of pistream.v1, /stream and the
// classic port. Checks the invariants that must hold for all of them, whatever the fault.

import {setImmediate} from 'node:timers/promises';
import {makeDecoder} from './decode.mjs';
import {framesNotEncoded, readMetrics} from './metrics.mjs';
import {describe, isRepeat} from './mpeg1.mjs';
import {readStamp} from './stamp.mjs';
import {expect, shows, tellDelays, tellEvent, tellFrames} from './test.mjs';
import {parseV1, Viewer} from './viewer.mjs';
import {gapsOf, nextTotals, sum, untilPlaying, watchCanvas} from './watch.mjs';

// The area that contains the stamp of any picture that is wide enough for one.
const PROBE = {width: 512, height: 112};
const JSMP = 0x6a;
// A bit of the flags of pistream.v1.
const REPEATS = 2;

/** Without pictures that repeat the previous one. */
export const ownFrames = (frames) => frames.filter(({repeats}) => repeats !== true);

/** Whether `later` was captured after `earlier`, modulo the 32 bits of their stamps. */
const follows = (later, earlier) => ((later.capture10us - earlier.capture10us) | 0) > 0;

/** The messages to a client of pistream.v1: {size} for a jsmp header, otherwise a picture and its stamp. */
export async function readV1(viewer) {
  let decode;
  const found = [];
  for await (const message of unhurried(viewer.binary)) {
    if (message[0] === JSMP) {
      const size = sizeOf(message);
      decode = await makeDecoder(size);
      found.push({size});
    } else {
      const {picture, ...header} = parseV1(message);
      found.push({...header, ...shownBy(decode, picture), repeats: (header.flags & REPEATS) !== 0, arrivedMs: viewer.arrivedMs(message)});
    }
  }
  return found;
}

/** The messages to a client of /stream or of the classic port: pictures and their stamps. */
export async function readPlain(viewer) {
  const size = sizeOf(viewer.binary[0]);
  const decode = await makeDecoder(size);
  const found = [];
  for await (const picture of unhurried(viewer.pictures)) {
    found.push({...shownBy(decode, picture), repeats: isRepeat(picture, size), arrivedMs: viewer.arrivedMs(picture)});
  }
  return found;
}

// The messages received so far; yields to the event loop between them for viewers and proxies.
async function* unhurried(messages) {
  for (const message of [...messages]) {
    await setImmediate();
    yield message;
  }
}

const sizeOf = (header) => ({width: header.readUInt16BE(4), height: header.readUInt16BE(6)});

function shownBy(decode, picture) {
  const shown = decode(picture);
  if (shown === null) {
    throw new Error(`a picture that cannot be decoded: ${describe(picture).join(' ')}`);
  }
  const {pixels, width, height} = shown;
  const stamp = readStamp({data: pixels, width}, width, height);
  return {...stamp, picture, width, height, isIntra: describe(picture).includes('I')};
}

/** Each frame appears once, in the order of capture. */
export function expectOrder(frames, who) {
  // By the header, because pictures after a duplicate cannot be decoded correctly.
  const twice = frames.filter(({sequence}, at) => at > 0 && sequence !== undefined && sequence === frames[at - 1].sequence);
  expect(twice.map(({sequence}) => Number(sequence)), `${who}: pictures that came twice`).toEqual([]);
  const unreadable = frames.flatMap(({frame}, at) => frame === undefined ? [at] : []);
  expect(unreadable, `${who}: pictures without a stamp`).toEqual([]);
  const own = ownFrames(frames);
  const wrong = own.filter((frame, at) => at > 0 && !follows(frame, own[at - 1]));
  expect(wrong.map(({frame}) => frame), `${who}: frames twice, or out of order`).toEqual([]);
}

/**
 * `frames` has all pictures that were sent to `reference`, except where the client fell behind and resumed
 * with an I picture. Pictures before or after those of the reference are ignored.
 */
export function expectNoHoles(allFrames, allReference, who) {
  const [frames, reference] = [allFrames, allReference].map(ownFrames);
  const places = new Map(reference.map(({capture10us}, at) => [capture10us, at]));
  const common = frames.filter((frame) => !follows(reference[0], frame) && !follows(frame, reference.at(-1)));
  expect(common.filter(({capture10us}) => !places.has(capture10us)).map(({frame}) => frame), `${who}: unknown frames`)
      .toEqual([]);
  const holes = common.filter(({capture10us, isIntra}, at) =>
      at > 0 && !isIntra && places.get(capture10us) !== places.get(common[at - 1].capture10us) + 1);
  expect(holes.map(({frame}) => frame), `${who}: P pictures without the one before`).toEqual([]);
}

/** Gaps in the frame numbers, from the header if there is one: [{frame, count}], `frame` being the first missing. */
export function missingIn(frames) {
  // Without a header, a repeat counts as the frame after the previous one.
  let last = 0;
  const numbers = frames.map(({frame, sequence, repeats}) => {
    last = sequence !== undefined ? Number(sequence & 0xffffn) : repeats ? last + 1 : frame;
    return last;
  });
  return gapsOf(numbers).flatMap((count, at) => count > 0 ? [{frame: numbers[at] + 1, count}] : []);
}

/**
 * Only frames that the server has counted as lost are missing. `countedBefore` were counted before the client
 * joined. Losses in the client's first GOP, and during the encoding of the I picture after it, may have been
 * counted earlier, so they are ignored.
 */
export async function expectLossesCounted(target, frames, countedBefore, who) {
  const group = frames.findIndex(({isIntra}, at) => at > 0 && isIntra);
  const missing = missingIn(group < 0 ? [] : frames.slice(group + 1));
  const counted = framesNotEncoded(await readMetrics(target.httpUrl)) - countedBefore;
  expect(sum(missing.map(({count}) => count)), `${who}: frames are missing that nobody counted, of ${JSON.stringify(missing)}`)
      .toBeLessThanOrEqual(counted);
}

export class Audience {
  #target;
  #httpUrl;
  #connections = 0;
  /** Frames that the server had counted as not encoded when the clients joined. */
  countedBefore = 0;

  /** The page is already playing; `httpUrl` is the program's address. */
  constructor(target, page, httpUrl = target.httpUrl) {
    this.#target = target;
    this.#httpUrl = httpUrl;
    this.page = page;
  }

  /** Starts playing in a page, and records its pictures and states. */
  static async open(target, page, httpUrl = target.httpUrl) {
    // All get one track: what they have got is compared, picture by picture.
    await page.goto(new URL('?quality=full', httpUrl).href);
    await untilPlaying(page);
    await watchCanvas(page, PROBE);
    await page.evaluate(() => {
      globalThis.states = [];
      document.querySelector('pistream-video').addEventListener(
          'state', ({detail: {state}}) => globalThis.states.push(state));
    });
    return new Audience(target, page, httpUrl);
  }

  /** Adds the plain clients; the first is the reference for the others. */
  async join() {
    const stream = new URL('/stream', this.#httpUrl.replace('http', 'ws'));
    this.countedBefore = framesNotEncoded(await readMetrics(this.#target.httpUrl));
    this.v1 = await Viewer.connect(stream, {protocol: 'pistream.v1'});
    this.v1.send(JSON.stringify({type: 'quality', value: 'full'}));
    [this.plain, this.classic] = await Promise.all(
        [stream, this.#target.wsUrl].map((url) => Viewer.connect(url)));
    await Promise.all(this.clients.map((client) => client.until(({pictures}) => pictures.length > 0)));
    // Ignores what the page has shown before.
    await untilPlaying(this.page);
    await this.page.evaluate(() => {
      globalThis.seen = [];
      globalThis.states = [];
    });
    this.#connections = (await nextTotals(this.page)).connections;
  }

  get clients() {
    return [this.v1, this.plain, this.classic];
  }

  /**
   * Waits until all viewers have the pictures that the v1 client has now, and checks that all got the same
   * frames, in order, none twice, and that only frames counted as lost are missing. Returns the v1 client's
   * messages, its frames, and the page's states.
   */
  async compare() {
    const messages = await readV1(this.v1);
    const frames = messages.filter(({picture}) => picture !== undefined);
    for (const client of [this.plain, this.classic].filter(({closed}) => closed === null)) {
      await client.until(({pictures}) => pictures.some((each) => each.equals(frames.at(-1).picture)));
    }
    const {seen, states} = await this.seenUntil(frames.at(-1));
    await tellFrames('sent to a client of pistream.v1', frames);

    await expectLossesCounted(this.#target, frames, this.countedBefore, 'pistream.v1');
    expectOrder(frames, 'pistream.v1');
    ownFrames(frames).forEach(({frame, sequence}) => expect(frame).toBe(Number(sequence & 0xffffn)));
    expectSame(this.plain, frames, '/stream');
    expectSame(this.classic, frames, 'classic');
    expectSubset(seen, frames, 'the page');
    return {messages, frames, states};
  }

  /** The page's pictures and states, once it has shown that frame or a later one. */
  async seenUntil(frame) {
    await this.page.waitForFunction(
        (capture) => globalThis.seen.length > 0 && ((globalThis.seen.at(-1).capture10us - capture) | 0) >= 0,
        frame.capture10us, {polling: 100});
    const {seen, states} = await this.page.evaluate(
        () => ({seen: globalThis.seen, states: globalThis.states}));
    await tellFrames('shown by the page', seen);
    if (shows(this.#target, 'milliseconds', 'the delay')) {
      await tellDelays('from capture to the canvas', seen);
    }
    const repeats = ({frame, sequence}) => frame !== undefined && frame !== (sequence & 0xffff);
    return {seen: seen.map((each) => ({...each, repeats: repeats(each)})), states};
  }

  /** How often the page has connected since join(). */
  async reconnections() {
    return (await nextTotals(this.page)).connections - this.#connections;
  }

  /** All viewers are still connected. */
  async expectNobodyLeft() {
    this.clients.forEach(({closed}) => expect(closed).toBeNull());
    expect(await this.reconnections()).toBe(0);
    await tellEvent('followed', 'nobody was disconnected');
  }
}

// A viewer that joined later, or was disconnected, got a contiguous part, byte for byte.
function expectSame(client, frames, who) {
  const first = frames.findIndex(({picture}) => client.pictures[0].equals(picture));
  expect(first, `${who}: the first picture is another`).toBeGreaterThanOrEqual(0);
  const common = client.pictures.slice(0, frames.length - first);
  const others = common.flatMap((picture, at) => picture.equals(frames[first + at].picture) ? [] : [at]);
  expect(others, `${who}: pictures that are others`).toEqual([]);
}

/** A page may skip pictures if it is too slow. */
export function expectSubset(seen, frames, who) {
  expectOrder(seen, who);
  const known = new Set(frames.map(({capture10us}) => capture10us));
  const unknown = seen.filter((shown) => !follows(frames[0], shown) && !follows(shown, frames.at(-1)) &&
      !known.has(shown.capture10us));
  expect(unknown.map(({frame}) => frame), `${who}: unknown frames`).toEqual([]);
}
