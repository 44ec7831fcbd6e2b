import assert from 'node:assert/strict';
import {afterEach, beforeEach, test} from 'node:test';
import {startHost} from '../player/host.ts';

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
const NAMES = ['Worker', 'OffscreenCanvas', 'HTMLCanvasElement', 'fetch', 'setTimeout'];
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
  events = [];
  starting = startHost({
    url: 'ws://pi/stream', canvas: new FakeCanvas(), workerUrl: 'worker.js', worker: true,
    decoder: {simd: 'simd.wasm', scalar: 'scalar.wasm'}, emit: (event) => events.push(event),
  });
});

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
