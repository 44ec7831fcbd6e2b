import assert from 'node:assert/strict';
import {afterEach, beforeEach, mock, test} from 'node:test';
import {Connection} from '../player/connection.ts';

class FakeSocket {
  static OPEN = 1;
  static all = [];
  readyState = 0;
  sent = [];
  closedByUs = false;

  constructor(url, protocol = '') {
    Object.assign(this, {url, asked: protocol, protocol: ''});
    FakeSocket.all.push(this);
  }

  send(text) {
    this.sent.push(text);
  }

  close() {
    this.closedByUs = true;
  }

  accept(protocol = this.asked) {
    Object.assign(this, {readyState: 1, protocol});
    this.onopen();
  }

  fail(code = 1006) {
    this.onclose?.({code});
  }
}

let heard;
let connection;
const newest = () => FakeSocket.all.at(-1);

beforeEach(() => {
  mock.timers.enable({apis: ['setTimeout']});
  globalThis.WebSocket = FakeSocket;
  FakeSocket.all = [];
  heard = [];
  connection = new Connection('ws://pi/stream', {
    onOpen: (v1) => heard.push(v1 ? 'open v1' : 'open'),
    onBinary: (bytes) => heard.push(bytes),
    onText: (text) => heard.push(text),
    onLost: (retryInMs) => heard.push(retryInMs),
  });
});

afterEach(() => mock.timers.reset());

test('Open_AsksForTheSubprotocol', () => {
  connection.open();
  assert.equal(newest().asked, 'pistream.v1');
  newest().accept();
  assert.deepEqual(heard, ['open v1']);
});

test('FirstAttemptFails_TriesAgainWithoutTheSubprotocol', () => {
  connection.open();
  newest().fail();
  mock.timers.tick(300);
  assert.equal(FakeSocket.all.length, 2);
  assert.equal(newest().asked, '');
  newest().accept();
  assert.equal(heard.at(-1), 'open');
});

test('ServerThatSpokeV1_IsAlwaysAskedForItAgain', () => {
  connection.open();
  newest().accept();
  newest().fail();
  for (let attempt = 0; attempt < 4; ++attempt) {
    mock.timers.tick(6000);
    assert.equal(newest().asked, 'pistream.v1');
    newest().fail();
  }
});

test('RepeatedFailures_AreRetriedEverLaterUpToFiveSeconds', () => {
  connection.open();
  for (const expected of [250, 500, 1000, 2000, 4000, 5000, 5000]) {
    newest().fail();
    const delay = heard.at(-1);
    assert.ok(delay >= 0.8 * expected && delay <= 1.2 * expected, `${delay} for ${expected}`);
    mock.timers.tick(delay + 1);
  }
});

test('ServiceRestart_ReconnectsAtOnce', () => {
  connection.open();
  newest().accept();
  newest().fail(1012);
  assert.deepEqual(heard, ['open v1', 0]);
  mock.timers.tick(1);
  assert.equal(FakeSocket.all.length, 2);
});

test('NoAnswerAtAll_IsGivenUpAfterFiveSeconds', () => {
  connection.open();
  mock.timers.tick(5001);
  assert.equal(FakeSocket.all[0].closedByUs, true);
  mock.timers.tick(1);
  assert.equal(FakeSocket.all.length, 2);
});

test('Hurry_DoesNotWait', () => {
  connection.open();
  newest().fail();
  connection.hurry();
  assert.equal(FakeSocket.all.length, 2);
  mock.timers.tick(1000);
  assert.equal(FakeSocket.all.length, 2);
});

test('Abandon_TakesANewSocketAndHearsNoMoreOfTheOld', () => {
  connection.open();
  newest().accept();
  const old = newest();
  connection.abandon();
  mock.timers.tick(1);
  assert.equal(FakeSocket.all.length, 2);
  assert.equal(old.onmessage, null);
});

test('Close_EndsEverything', () => {
  connection.open();
  newest().fail();
  connection.close();
  mock.timers.tick(60_000);
  assert.equal(FakeSocket.all.length, 1);
});

test('Messages_ArriveAsBytesOrText', () => {
  connection.open();
  newest().accept();
  newest().onmessage({data: new Uint8Array([1, 2]).buffer});
  newest().onmessage({data: 'text'});
  assert.deepEqual(heard.slice(1), [new Uint8Array([1, 2]), 'text']);
});
