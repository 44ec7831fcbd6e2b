import assert from 'node:assert/strict';
import {afterEach, test} from 'node:test';
import {noticeFor} from '../page/notice.ts';
import {compileDecoder} from '../player/decoder.ts';
import {failureOf} from '../player/failure.ts';

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

test('ServerThatStaysAway_IsToBlame_NotTheBrowser', async () => {
  respondWith(...Array.from({length: 5}, () => new Response('', {status: 503})));
  const failure = failureOf(await compileDecoder(source).catch((error) => error));
  assert.deepEqual(noticeFor(failure), {
    title: 'The server did not deliver the decoder (503)', detail: 'Reload this page to try again.',
  });
});

test('OtherFailure_IsTheBrowsers', () => {
  const {title, detail} = noticeFor(failureOf(new TypeError('Failed to fetch')));
  assert.equal(title, 'This browser cannot show the video');
  assert.match(detail, /It needs WebAssembly.*Failed to fetch/);
});
