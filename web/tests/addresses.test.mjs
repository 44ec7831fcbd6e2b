import assert from 'node:assert/strict';
import {test} from 'node:test';
import {
  besideScript,
  besideStream,
  httpStreamUrl,
  isSameOrigin,
  webSocketUrl,
  withSession,
  withTokenOf,
} from '../player/addresses.ts';

test('BesideScript_AnyPrefix_StaysUnderIt', () => {
  assert.equal(besideScript('worker.js', 'http://pi/cam/one/player.js'), 'http://pi/cam/one/worker.js');
});

test('BesideScript_AddressWithCredentials_LeavesThemOut', () => {
  assert.equal(besideScript('decoder.wasm', 'http://u:p@pi:8082/player.js'), 'http://pi:8082/decoder.wasm');
});

test('WebSocketUrl_RelativeAddress_StaysUnderThePagesPrefix', () => {
  assert.equal(webSocketUrl('stream', 'http://pi/cam/index.html#x'), 'ws://pi/cam/stream');
  assert.equal(webSocketUrl('streams/garden/stream', 'https://pi/cam/'), 'wss://pi/cam/streams/garden/stream');
});

test('WebSocketUrl_PageWithCredentials_DoesNotPassThemOn', () => {
  assert.equal(webSocketUrl('stream', 'http://u:p@pi:8082/index.html'), 'ws://pi:8082/stream');
});

test('WebSocketUrl_AddressWithCredentialsOfItsOwn_KeepsThem', () => {
  assert.equal(webSocketUrl('ws://u:p@cam/stream', 'http://pi/'), 'ws://u:p@cam/stream');
});

test('BesideStream_StreamAddress_IsHttpWithoutCredentials', () => {
  assert.equal(besideStream('healthz', 'ws://u:p@pi/cam/streams/garden/stream'), 'http://pi/cam/streams/garden/healthz');
  assert.equal(besideStream('healthz', 'wss://pi/stream'), 'https://pi/healthz');
});

test('BesideStream_AddressWithAToken_PassesOnlyThatOn', () => {
  assert.equal(besideStream('healthz', 'ws://pi/stream?token=a%2Bb&x=1'), 'http://pi/healthz?token=a%2Bb');
});

test('WithTokenOf_IsAddedToWhatTheAddressHas', () => {
  assert.equal(withTokenOf('http://pi/healthz?origin=a', 'http://pi/?token=b#c'), 'http://pi/healthz?origin=a&token=b');
  assert.equal(withTokenOf('http://pi/session?everywhere', 'http://pi/?x=1'), 'http://pi/session?everywhere');
});

test('WebSocketUrl_AddressWithAToken_KeepsIt', () => {
  assert.equal(webSocketUrl('http://pi:8082/stream?token=a', 'http://house/'), 'ws://pi:8082/stream?token=a');
});

test('HttpStreamUrl_StreamAddress_IsBesideItWithTheSameQuery', () => {
  assert.equal(httpStreamUrl('ws://u:p@pi/cam/stream'), 'http://pi/cam/stream.v1');
  assert.equal(httpStreamUrl('wss://pi/streams/garden/stream?token=a'), 'https://pi/streams/garden/stream.v1?token=a');
});

test('HttpStreamUrl_OtherAddress_IsNone', () => {
  for (const url of ['ws://pi:8084/', 'ws://pi/streams/garden/', 'ws://pi/mystream', 'ws://pi/stream/']) {
    assert.equal(httpStreamUrl(url), undefined, url);
  }
});

test('WithSession_AnyQuery_IsKept', () => {
  assert.equal(withSession('http://pi/stream.v1', '0f'), 'http://pi/stream.v1?session=0f');
  assert.equal(withSession('http://pi/stream.v1?token=a', '0f'), 'http://pi/stream.v1?token=a&session=0f');
});

test('SameOrigin_IsThatOfThePage', () => {
  globalThis.origin = 'http://pi:8082';
  assert.equal(isSameOrigin('http://pi:8082/streams/door/healthz'), true);
  assert.equal(isSameOrigin('http://pi/healthz'), false);
  assert.equal(isSameOrigin('https://pi:8082/healthz'), false);
  globalThis.origin = 'null';  // of a sandboxed frame
  assert.equal(isSameOrigin('http://pi:8082/healthz'), false);
  delete globalThis.origin;
});
