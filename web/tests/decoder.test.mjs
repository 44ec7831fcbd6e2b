import assert from 'node:assert/strict';
import {afterEach, test} from 'node:test';
import {compileDecoder} from '../player/decoder.ts';

const {fetch, setTimeout} = globalThis;
afterEach(() => Object.assign(globalThis, {fetch, setTimeout}));

// A server that responds with one of these at a time; time passes at once.
function respondWith(...responses) {
  globalThis.fetch = async () => responses.shift();
  globalThis.setTimeout = (callback) => queueMicrotask(callback);
}

const module = () => new Response(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]));
const source = {simd: 'http://pi/decoder.wasm', scalar: 'http://pi/decoder.wasm'};

test('ServerIsRestarting_DecoderIsFetchedAgain', async () => {
  respondWith(new Response('', {status: 503}), new Response('', {status: 502}), module());
  assert.ok(await compileDecoder(source) instanceof WebAssembly.Module);
});

test('NoDecoderThere_TheStatusIsTheReason', async () => {
  respondWith(new Response('', {status: 404}), module());
  await assert.rejects(compileDecoder(source), /404/);
});
