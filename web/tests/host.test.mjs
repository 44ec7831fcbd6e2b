import assert from 'node:assert/strict';
import {afterEach, beforeEach, test} from 'node:test';
import {startHost} from '../player/host.ts';
import {FakeBroadcast} from './fake_broadcast.mjs';

// A worker whose script is the test.
class FakeWorker {
  sent = [];
  isTerminated = false;

  constructor(url) {
    Object.assign(this, {url});
    FakeWorker.newest = this;
  }

  postMessage(message) {
    this.sent.push(message);
  }

  terminate() {
    this.isTerminated = true;
  }

  say(data) {
    this.onmessage({data});
  }
}

class FakeCanvas {
  width = 300;
  transferControlToOffscreen() {
    return 'offscreen';
  }
}

const real = {};
const NAMES = ['Worker', 'navigator', 'location', 'BroadcastChannel', 'addEventListener', 'OffscreenCanvas', 'HTMLCanvasElement', 'fetch', 'setTimeout'];
let events;
let starting;

beforeEach(() => {
  NAMES.forEach((name) => real[name] = globalThis[name]);
  Object.assign(globalThis, {
    Worker: FakeWorker,
    OffscreenCanvas: class {
      getContext = () => ({});
    },
    HTMLCanvasElement: FakeCanvas,
  });
  FakeBroadcast.install();
  globalThis.addEventListener = () => {};
  pretendToBe('Mozilla/5.0');
  events = [];
  starting = start();
});

function start(options = {}) {
  return startHost({
    url: 'ws://pi/stream', canvas: new FakeCanvas(), workerUrl: 'worker.js', worker: true, transport: 'auto',
    decoder: {simd: 'simd.wasm', scalar: 'scalar.wasm'}, emit: (event) => events.push(event), ...options,
  });
}

// A host, and what its worker is told to prefer.
async function preferenceOf(options) {
  const starts = start(options);
  FakeWorker.newest.say({type: 'ready'});
  const host = await starts;
  return {host, preference: FakeWorker.newest.sent.at(-1).preference};
}

function pretendToBe(userAgent) {
  Object.defineProperty(globalThis, 'navigator', {value: {userAgent}, configurable: true, writable: true});
  globalThis.location = {host: 'pi'};
}

afterEach(() => Object.assign(globalThis, real));

test('WorkerThatIsReady_GetsTheCanvas', async () => {
  FakeWorker.newest.say({type: 'ready'});
  const host = await starting;
  assert.equal(host.kind, 'worker');
  assert.deepEqual(FakeWorker.newest.sent.map(({type}) => type), ['load', 'start']);
  host.post({type: 'pause'});
  assert.deepEqual(FakeWorker.newest.sent.at(-1), {type: 'command', command: {type: 'pause'}});
  FakeWorker.newest.say({type: 'event', event: {type: 'firstDrawn'}});
  assert.deepEqual(events, [{type: 'firstDrawn'}]);
});

test('WorkerThatFailsAfterItWasReady_IsUnsupportedWithItsReason', async () => {
  FakeWorker.newest.say({type: 'ready'});
  await starting;
  FakeWorker.newest.onerror({message: 'out of memory'});
  assert.deepEqual(events, [{type: 'state', state: 'unsupported', reason: 'out of memory'}]);
});

test('WorkerThatCannotBegin_IsReplacedByThePage', async () => {
  globalThis.fetch = async () => new Response('', {status: 404});
  FakeWorker.newest.onerror({message: 'blocked'});
  // Which asks for the decoder by itself.
  await assert.rejects(starting, /404/);
  assert.equal(FakeWorker.newest.isTerminated, true);
});

test('Firefox_TwoWorkersPreferHttpAndTheOthersDoNot', async () => {
  pretendToBe('Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0');
  const all = [await preferenceOf(), await preferenceOf(), await preferenceOf()];
  assert.deepEqual(all.map(({preference}) => preference), ['http first', 'http first', 'auto']);
  all[0].host.dispose();
  all[0].host.dispose();
  all.push(await preferenceOf(), await preferenceOf());
  assert.deepEqual(all.slice(3).map(({preference}) => preference), ['http first', 'auto']);
  all.forEach(({host}) => host.dispose());
});

test('Firefox_ServerOfAnotherHostOrOwnChoice_IsNotChanged', async () => {
  pretendToBe('Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0');
  assert.equal((await preferenceOf({url: 'ws://cam/stream'})).preference, 'auto');
  assert.equal((await preferenceOf({transport: 'websocket'})).preference, 'websocket');
  assert.equal((await preferenceOf({transport: 'http'})).preference, 'http');
});

test('OtherBrowsers_DoNotPreferHttp', async () => {
  pretendToBe('Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36');
  assert.equal((await preferenceOf()).preference, 'auto');
});
