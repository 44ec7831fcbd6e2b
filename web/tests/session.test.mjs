import assert from 'node:assert/strict';
import {afterEach, beforeEach, test} from 'node:test';
import {Session} from '../player/session.ts';
import {FakeSocket} from './fake_socket.mjs';
import {pass, useFakeTime, useRealTime} from './fake_time.mjs';

// Hands over a message when the test says so, as an event loop would.
let tasks;
class FakeChannel {
  port1 = {onmessage: null, close() {}};
  port2 = {postMessage: () => tasks.push(() => this.port1.onmessage())};
}
const runTasks = () => tasks.splice(0).forEach((task) => task());

const jsmpHeader = new Uint8Array([0x6a, 0x73, 0x6d, 0x70, 2, 128, 1, 224]);

function picture(sequence, {intra = false, capturedMs = 0, sentMs = capturedMs} = {}) {
  const message = new Uint8Array(34);
  const view = new DataView(message.buffer);
  view.setUint8(0, 1);
  view.setUint8(1, intra ? 1 : 2);
  view.setBigUint64(8, BigInt(sequence));
  view.setBigUint64(16, BigInt(capturedMs) * 1_000_000n);
  view.setBigUint64(24, BigInt(sentMs) * 1_000_000n);
  message[32] = sequence;
  return message;
}

let decoded;
let drawn;
let events;
let session;
let goodPicture;
const states = () => events.filter(({type}) => type === 'state').map(({state}) => state);
const sentTypes = () => FakeSocket.newest.sent.map((text) => JSON.parse(text).type);
const newestStatistics = () => events.findLast(({type}) => type === 'statistics').statistics;

beforeEach(() => {
  useFakeTime();
  FakeSocket.install();
  globalThis.MessageChannel = FakeChannel;
  [tasks, decoded, drawn, events, goodPicture] = [[], [], [], [], true];
  const decoder = {
    size: {width: 640, height: 480},
    decode: (bytes) => (decoded.push(bytes[0]), goodPicture),
    image: () => decoded.at(-1),
  };
  const surface = {draw: (image) => drawn.push(image), resize: () => false, read: (part) => ({part})};
  session = new Session('ws://pi/stream', decoder, surface, (event) => events.push(event));
});

afterEach(() => {
  session.handle({type: 'stop'});
  useRealTime();
});

function play() {
  FakeSocket.newest.accept();
  FakeSocket.newest.say(jsmpHeader);
  FakeSocket.newest.say(picture(1, {intra: true}));
  runTasks();
}

test('FirstPicture_MakesItPlay', () => {
  play();
  assert.deepEqual(states(), ['playing']);
  assert.deepEqual(drawn, [1]);
});

test('SeveralQueuedPictures_AllAreDecodedAndTheLastIsDrawn', () => {
  play();
  [2, 3, 4].forEach((sequence) => FakeSocket.newest.say(picture(sequence)));
  runTasks();
  assert.deepEqual(decoded, [1, 2, 3, 4]);
  assert.deepEqual(drawn, [1, 4]);
});

test('QueuedIntraPicture_IsWhereItGoesOn', () => {
  play();
  [picture(2), picture(3), picture(4, {intra: true}), picture(5)].forEach((each) => FakeSocket.newest.say(each));
  runTasks();
  assert.deepEqual(decoded, [1, 4, 5]);
});

test('HiddenPage_DecodesNothingAndCatchesUpAtOnce', () => {
  play();
  session.handle({type: 'visible', visible: false});
  for (let sequence = 2; sequence < 60; ++sequence) {
    FakeSocket.newest.say(picture(sequence, {intra: sequence % 24 === 1}));
    runTasks();
  }
  assert.deepEqual(decoded, [1]);
  session.handle({type: 'visible', visible: true});
  runTasks();
  assert.equal(decoded[1], 49);
  assert.deepEqual(drawn, [1, 59]);
});

test('NoPictureForTwoSeconds_IsAStallUntilOneComes', () => {
  play();
  for (let second = 0; second < 3; ++second) {
    pass(1000);
    FakeSocket.newest.say('{}');
  }
  assert.deepEqual(states(), ['playing', 'stalled']);
  FakeSocket.newest.say(picture(2));
  assert.deepEqual(states(), ['playing', 'stalled', 'playing']);
});

test('ServerThatSaysNothingAtAll_IsLeftForANewConnection', () => {
  play();
  pass(6000);
  assert.equal(FakeSocket.all.length, 2);
  assert.equal(states().at(-1), 'reconnecting');
});

test('LostConnection_SaysWhenItTriesAgain', () => {
  play();
  FakeSocket.newest.fail();
  const {state, retryInMs} = events.at(-1);
  assert.equal(state, 'reconnecting');
  assert.ok(retryInMs >= 200 && retryInMs <= 300, String(retryInMs));
});

test('NewConnection_DoesNotBuildOnPicturesOfTheOldOne', () => {
  play();
  FakeSocket.newest.fail();
  pass(400);
  FakeSocket.newest.accept();
  FakeSocket.newest.say(picture(2));
  runTasks();
  assert.deepEqual(decoded, [1]);
});

// Plays up to picture 5, loses the connection, and has a new one.
function connectAgain() {
  FakeSocket.newest.accept();
  FakeSocket.newest.say(picture(1, {intra: true, capturedMs: 20_000}));
  [2, 3, 4, 5].forEach((sequence) => FakeSocket.newest.say(picture(sequence, {capturedMs: 20_000 + 40 * sequence})));
  runTasks();
  FakeSocket.newest.fail();
  pass(400);
  FakeSocket.newest.accept();
}

test('NewConnection_ShowsNothingOlderThanWhatTheOldOneHasShown', () => {
  connectAgain();
  for (let sequence = 1; sequence <= 6; ++sequence) {
    const capturedMs = 20_000 + 40 * sequence;
    FakeSocket.newest.say(picture(sequence, {intra: sequence === 1, capturedMs, sentMs: 20_240}));
    runTasks();
  }
  assert.deepEqual(decoded, [1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 6]);
  assert.deepEqual(drawn, [5, 6]);
  assert.equal(states().at(-1), 'playing');
});

test('ServerStartedAgain_IsShownFromItsFirstPictureOn', () => {
  connectAgain();
  FakeSocket.newest.say(picture(0, {intra: true, capturedMs: 21_000}));
  runTasks();
  assert.deepEqual(drawn, [5, 0]);
});

test('MachineStartedAgain_IsShownFromItsFirstPictureOn', () => {
  connectAgain();
  FakeSocket.newest.say(picture(0, {intra: true, capturedMs: 5000}));
  runTasks();
  assert.deepEqual(drawn, [5, 0]);
});

test('PausedSession_IsDisconnectedUntilItPlaysAgain', () => {
  play();
  session.handle({type: 'pause'});
  assert.equal(FakeSocket.newest.closedByUs, true);
  pass(60_000);
  assert.equal(FakeSocket.all.length, 1);
  session.handle({type: 'play'});
  assert.equal(FakeSocket.all.length, 2);
  assert.deepEqual(states(), ['playing', 'paused', 'connecting']);
});

test('Delay_IsToldByTheServersClock', () => {
  play();
  pass(100);
  const {id} = JSON.parse(FakeSocket.newest.sent[0]);
  // This clock says 100 on arrival of what was asked at 0; the server's said 1050 in between.
  FakeSocket.newest.say(JSON.stringify({type: 'pong', id, server_ns: '1050000000'}));
  pass(50);
  session.handle({type: 'probe', probe: 'none'});
  FakeSocket.newest.say(picture(2, {capturedMs: 1140}));
  runTasks();
  const {picture: {delayMs, stamp}} = events.findLast(({type}) => type === 'picture');
  assert.equal(delayMs, 150 + 1000 - 1140);
  assert.equal(stamp.sequence, 2);
});

test('NothingDecodableForASecond_AsksForAKeyframe', () => {
  play();
  goodPicture = false;
  for (let sequence = 2; sequence < 40; ++sequence) {
    FakeSocket.newest.say(picture(sequence));
    runTasks();
    pass(100);
  }
  const requests = sentTypes().filter((type) => type === 'keyframe').length;
  assert.ok(requests >= 1 && requests <= 2, String(requests));
  assert.ok(newestStatistics().total.damaged > 0);
});

test('Reports_AreSentToServersThatSpeakV1', () => {
  play();
  for (let second = 0; second < 6; ++second) {
    pass(1000);
    FakeSocket.newest.say('{}');
  }
  const report = FakeSocket.newest.sent.map((text) => JSON.parse(text)).find(({type}) => type === 'report');
  assert.deepEqual([report.seconds, report.received, report.shown], [5, 1, 1]);
});

test('PlainServer_IsSentNothing', () => {
  FakeSocket.newest.accept('');
  FakeSocket.newest.say(jsmpHeader);
  FakeSocket.newest.say(new Uint8Array([0, 0, 1, 0, 0, 8, 0, 0, 0, 0, 1, 1, 7]));
  runTasks();
  pass(6000);
  assert.equal(drawn.length, 1);
  assert.deepEqual(FakeSocket.newest.sent, []);
});
