import assert from 'node:assert/strict';
import {test} from 'node:test';
import {besideScript, besideStream, webSocketUrl} from '../player/addresses.ts';

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
