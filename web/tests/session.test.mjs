import assert from 'node:assert/strict';
import {afterEach, beforeEach, test} from 'node:test';
import {Session} from '../player/session.ts';
import {FakeChannel, runTasks} from './fake_channel.mjs';
import {FakeFetch, settle} from './fake_fetch.mjs';
import {header, picture} from './fake_pictures.mjs';
import {FakeSocket} from './fake_socket.mjs';
import {pass, sleep, useFakeTime, useRealTime} from './fake_time.mjs';

const jsmpHeader = header(640, 480);

let decoded;
let drawn;
let events;
let session;
let goodPicture;
const states = () => events.filter(({type}) => type === 'state').map(({state}) => state);
const sentTypes = () => FakeSocket.newest.sent.map((text) => JSON.parse(text).type);
// The server responds to the newest ping.
const respond = () => {
  const id = FakeSocket.newest.sent.map((text) => JSON.parse(text)).findLast(({type}) => type === 'ping')?.id;
  FakeSocket.newest.say(JSON.stringify({type: 'pong', id, server_ns: '0'}));
};
const newestStatistics = () => events.findLast(({type}) => type === 'statistics').statistics;

beforeEach(() => {
  useFakeTime();
  FakeSocket.install();
  FakeFetch.install();
  FakeChannel.install();
  [decoded, drawn, events, goodPicture] = [[], [], [], true];
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

const sayTogether = (sequences) => {
  sequences.forEach((sequence) => FakeSocket.newest.say(picture(sequence)));
  runTasks();
};

test('ManyQueuedPictures_AllAreDecodedAndTheLastIsDrawn', () => {
  play();
  sayTogether([2, 3, 4, 5, 6, 7, 8, 9, 10]);
  assert.deepEqual(decoded, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  assert.deepEqual(drawn, [1, 10]);
});

test('FewPicturesThatArriveTogether_TheLastTwoAreDrawnADisplayFrameApart', () => {
  play();
  sayTogether([2, 3, 4]);
  assert.deepEqual(drawn, [1, 3]);
  pass(15);
  runTasks();
  assert.deepEqual(drawn, [1, 3]);
  pass(1);
  runTasks();
  assert.deepEqual(drawn, [1, 3, 4]);
  pass(100);
  runTasks();
  assert.deepEqual(decoded, [1, 2, 3, 4]);
});

test('MorePicturesWhileOneWaits_TheLastTwoAreDrawn', () => {
  play();
  sayTogether([2, 3]);
  pass(10);
  sayTogether([4, 5]);
  assert.deepEqual(drawn, [1, 2]);
  pass(6);
  runTasks();
  pass(16);
  runTasks();
  assert.deepEqual(decoded, [1, 2, 3, 4, 5]);
  assert.deepEqual(drawn, [1, 2, 4, 5]);
});

test('IntraPictureWhileOneWaits_IsWhereItGoesOn', () => {
  play();
  sayTogether([2, 3, 4]);
  pass(10);
  FakeSocket.newest.say(picture(5, {intra: true}));
  runTasks();
  pass(100);
  runTasks();
  assert.deepEqual(decoded, [1, 2, 3, 5]);
  assert.deepEqual(drawn, [1, 3, 5]);
});

test('SameFrameInAnotherSize_IsDecodedAndNotShownAgain', () => {
  play();
  FakeSocket.newest.say(picture(2, {capturedMs: 40}));
  runTasks();
  FakeSocket.newest.say(header(320, 240));
  FakeSocket.newest.say(picture(2, {intra: true, capturedMs: 40}));
  runTasks();
  pass(40);
  FakeSocket.newest.say(picture(3, {capturedMs: 80}));
  runTasks();
  assert.deepEqual(decoded, [1, 2, 2, 3]);
  assert.deepEqual(drawn, [1, 2, 3]);
});

test('PicturesThatArriveApartAndWaitForTheBrowser_TheLastIsDrawn', () => {
  play();
  FakeSocket.newest.say(picture(2));
  pass(40);
  FakeSocket.newest.say(picture(3));
  runTasks();
  assert.deepEqual(drawn, [1, 3]);
});

test('QueuedIntraPicture_IsWhereItGoesOn', () => {
  play();
  [picture(2), picture(3), picture(4, {intra: true}), picture(5)].forEach((each) => FakeSocket.newest.say(each));
  runTasks();
  assert.deepEqual(decoded, [1, 4, 5]);
});

test('HiddenPage_AsksTheServerToPauseUntilItIsSeenAgain', () => {
  play();
  session.handle({type: 'visible', visible: false});
  session.handle({type: 'visible', visible: false});
  assert.equal(sentTypes().at(-1), 'pause');
  pass(2000);
  session.handle({type: 'visible', visible: true});
  assert.deepEqual(sentTypes().filter((type) => type !== 'ping'), ['pause', 'resume']);
});

test('HiddenPage_WithoutPictures_IsNeitherStalledNorLeftForANewConnection', () => {
  play();
  session.handle({type: 'visible', visible: false});
  for (let second = 0; second < 120; ++second) {
    pass(1000);
    const unanswered = FakeSocket.newest.sent.map((text) => JSON.parse(text)).findLast(({type}) => type === 'ping');
    FakeSocket.newest.say(JSON.stringify({type: 'pong', id: unanswered.id, server_ns: '1'}));
  }
  assert.equal(FakeSocket.all.length, 1);
  assert.deepEqual(states(), ['playing']);
  assert.ok(!sentTypes().includes('report'));
  session.handle({type: 'visible', visible: true});
  pass(1900);
  assert.deepEqual(states(), ['playing']);
});

test('HiddenPage_WhoseServerIsSilent_IsLeftForANewConnection', () => {
  play();
  session.handle({type: 'visible', visible: false});
  pass(30_000);
  assert.ok(FakeSocket.all.length > 1);
});

test('PageHiddenBeforeItIsConnected_PausesAsSoonAsItIs', () => {
  session.handle({type: 'visible', visible: false});
  FakeSocket.newest.accept();
  assert.deepEqual(sentTypes(), ['pause']);
  FakeSocket.newest.say(picture(1, {intra: true}));
  runTasks();
  assert.deepEqual(decoded, []);
});

test('PageSeenAgain_ShowsNothingOfBeforeThePause', () => {
  play();
  session.handle({type: 'visible', visible: false});
  FakeSocket.newest.say(picture(2, {capturedMs: 40}));
  runTasks();
  pass(3000);
  session.handle({type: 'visible', visible: true});
  runTasks();
  FakeSocket.newest.say(picture(70, {intra: true, capturedMs: 2960}));
  FakeSocket.newest.say(picture(71, {capturedMs: 3000}));
  runTasks();
  assert.deepEqual([decoded, drawn], [[1, 70, 71], [1, 71]]);
});

test('PageSeenAgain_DoesNotGoBackToPicturesItHasShown', () => {
  connectAgain();
  FakeSocket.newest.say(picture(6, {intra: true, capturedMs: 20_240}));
  runTasks();
  session.handle({type: 'visible', visible: false});
  session.handle({type: 'visible', visible: true});
  for (let sequence = 1; sequence <= 7; ++sequence) {
    FakeSocket.newest.say(picture(sequence, {intra: sequence === 1, capturedMs: 20_000 + 40 * sequence, sentMs: 20_300}));
    runTasks();
  }
  assert.deepEqual(drawn, [5, 6, 7]);
});

test('PageSeenAgain_WhileTheCameraIsAway_AsksForNoKeyframe', () => {
  play();
  session.handle({type: 'visible', visible: false});
  pass(1000);
  session.handle({type: 'visible', visible: true});
  runTasks();
  for (let second = 0; second < 10; ++second) {
    pass(1000);
    respond();
    runTasks();
  }
  assert.equal(states().at(-1), 'stalled');
  assert.ok(!sentTypes().includes('keyframe'));
});

test('PlainServer_CannotPause_IsCaughtUpWithAtOnce', () => {
  FakeSocket.newest.accept('');
  FakeSocket.newest.say(jsmpHeader);
  session.handle({type: 'visible', visible: false});
  FakeSocket.newest.say(new Uint8Array([0, 0, 1, 0, 0, 8, 0, 0, 0, 0, 1, 1, 7]));
  runTasks();
  pass(3000);
  assert.deepEqual([decoded.length, FakeSocket.newest.sent], [0, []]);
  session.handle({type: 'visible', visible: true});
  runTasks();
  assert.equal(drawn.length, 1);
});

test('HiddenPage_OfAServerThatDoesNotPause_DecodesNothingAndCatchesUpAtOnce', () => {
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
    respond();
  }
  assert.deepEqual(states(), ['playing', 'stalled']);
  FakeSocket.newest.say(picture(2));
  assert.deepEqual(states(), ['playing', 'stalled', 'playing']);
});

test('PongsThatComeSecondsLate_AreNoStall', () => {
  play();
  const waiting = [];
  for (let passed = 0; passed < 10_000; passed += 250) {
    pass(250);
    const {id} = FakeSocket.newest.sent.map((text) => JSON.parse(text)).findLast(({type}) => type === 'ping');
    waiting.push(id);
    if (waiting.length > 12) {
      FakeSocket.newest.say(JSON.stringify({type: 'pong', id: waiting.shift(), server_ns: '0'}));
    } else {
      FakeSocket.newest.say('{}');
    }
  }
  assert.deepEqual(states(), ['playing']);
});

test('ServerThatSaysNothingAtAll_IsLeftForANewConnectionWithoutAStall', () => {
  play();
  pass(6000);
  assert.equal(FakeSocket.all.length, 2);
  assert.deepEqual(states(), ['playing', 'reconnecting']);
});

test('SlowCamera_KnownToBe_IsNotStalledAfterItsFirstPicture', () => {
  session.handle({type: 'frameTime', ms: 5000});
  play();
  for (let second = 0; second < 19; ++second) {
    pass(1000);
    respond();
  }
  assert.deepEqual(states(), ['playing']);
  pass(1500);
  assert.deepEqual(states(), ['playing', 'stalled']);
});

test('SlowCamera_StallsOnlyAfterSeveralOfItsFrames', () => {
  FakeSocket.newest.accept();
  const pingsAnswered = (ms) => {
    for (let passed = 0; passed < ms; passed += 1000) {
      pass(1000);
      respond();
    }
  };
  for (let sequence = 0; sequence < 4; ++sequence) {
    FakeSocket.newest.say(picture(sequence, {intra: true, capturedMs: 5000 * sequence}));
    runTasks();
    pingsAnswered(5000);
  }
  // Its rate is known from the second picture on.
  assert.deepEqual(states(), ['playing', 'stalled', 'playing']);
  pingsAnswered(16_000);
  assert.deepEqual(states(), ['playing', 'stalled', 'playing', 'stalled']);
});

test('Repeats_AreCountedButNotShownNorMeasured', () => {
  play();
  FakeSocket.newest.say(JSON.stringify({type: 'pong', id: 0, server_ns: '0'}));
  [2, 3].forEach((sequence) => {
    pass(40);
    FakeSocket.newest.say(picture(sequence, {repeat: true}));
    runTasks();
  });
  pass(40);
  FakeSocket.newest.say(picture(4, {capturedMs: 120}));
  FakeSocket.newest.say(picture(5, {repeat: true, capturedMs: 120}));
  runTasks();
  pass(1000);
  assert.deepEqual([decoded, drawn], [[1, 2, 3, 4, 5], [1, 5]]);
  const {total} = newestStatistics();
  assert.deepEqual(
      {received: 5, decoded: 5, repeated: 3, shown: 2},
      {received: total.received, decoded: total.decoded, repeated: total.repeated, shown: total.shown});
});

test('PictureFollowedByItsRepeats_HasItsOwnStamp', () => {
  play();
  session.handle({type: 'probe', probe: 'none'});
  FakeSocket.newest.say(picture(4, {capturedMs: 120}));
  FakeSocket.newest.say(picture(5, {repeat: true, capturedMs: 120}));
  runTasks();
  assert.deepEqual(events.filter(({type}) => type === 'picture').map(({picture: {stamp}}) => stamp.sequence), [4]);
});

test('FirstPicture_IsReportedSoThatThePageRendersAFrame', () => {
  play();
  FakeSocket.newest.say(picture(2));
  runTasks();
  assert.equal(events.filter(({type}) => type === 'firstDrawn').length, 1);
});

test('ForbiddenConnection_IsUnsupportedWithTheReason', () => {
  session.handle({type: 'stop'});
  FakeSocket.constructorError = 'SecurityError';
  session = new Session('ws://pi/stream', {}, {}, (event) => events.push(event));
  pass(60_000);
  const all = events.filter(({type}) => type === 'state');
  assert.deepEqual(all.map(({state}) => state), ['stopped', 'unsupported']);
  assert.match(all[1].reason, /SecurityError/);
});

test('FailedConnection_SaysWhetherThereWasOneBefore', () => {
  FakeSocket.newest.fail();
  assert.equal(events.at(-1).connectedBefore, false);
  pass(400);
  FakeSocket.newest.accept();
  FakeSocket.newest.fail();
  assert.equal(events.at(-1).connectedBefore, true);
});

test('PausedConnectionThatCannotBeMadeAgain_IsNotLost', () => {
  play();
  session.handle({type: 'pause'});
  session.handle({type: 'play'});
  FakeSocket.newest.fail();
  assert.deepEqual([events.at(-1).state, events.at(-1).connectedBefore], ['reconnecting', false]);
});

test('EndedSession_IsNoLostConnection_AndPlaysAgainOnlyWhenTold', () => {
  play();
  FakeSocket.newest.fail(4401);
  pass(60_000);
  assert.deepEqual([states(), FakeSocket.all.length], [['playing', 'unauthorized'], 1]);
  session.handle({type: 'play'});
  play();
  assert.deepEqual(states().slice(2), ['connecting', 'playing']);
});

test('UnknownCertificate_IsTheReason', () => {
  globalThis.origin = 'http://pi';
  FakeSocket.newest.fail(1015);
  assert.match(events.at(-1).reason, /does not know the certificate of the server\. Reload/);
  delete globalThis.origin;
});

test('ServerOfAnotherHost_IsToldWithWhatItMayWant', () => {
  globalThis.origin = 'http://dash';
  FakeSocket.newest.fail();
  assert.match(events.at(-1).reason, /^pi cannot be reached, .* --allow-origin http:\/\/dash, /);
  assert.equal(events.at(-1).link, undefined);
  pass(400);
  play();
  FakeSocket.newest.fail();
  assert.equal(events.at(-1).reason, undefined);
  delete globalThis.origin;
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
  // The ping was sent at 0 and the pong arrived at 100 by this clock; the server's clock was at 1050.
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

const pings = () => FakeSocket.newest.sent.map((text) => JSON.parse(text)).filter(({type}) => type === 'ping');

// A picture every 40 ms that was sent 10 ms before; returns the next sequence number.
function stream(first, ms, delayMs = 10, socket = FakeSocket.newest) {
  for (let passed = 0; passed < ms; passed += 40) {
    pass(40);
    const sentMs = Math.round(performance.now()) + 5000 - delayMs;
    socket.say(picture(first, {capturedMs: sentMs - 20, sentMs}));
    runTasks();
    first += 1;
  }
  return first;
}

test('Pings_TellTheNewestPicture', () => {
  FakeSocket.newest.accept();
  pass(0);
  assert.deepEqual(pings(), [{type: 'ping', id: 0}]);
  FakeSocket.newest.say(picture(70, {intra: true}));
  pass(60);
  assert.deepEqual(pings().at(-1), {type: 'ping', id: 1, seen: 70});
  FakeSocket.newest.say(picture(71, {repeat: true}));
  pass(60);
  assert.equal(pings().at(-1).seen, 71);
});

test('Pings_OfANewConnection_TellNothingOfTheOldOne', () => {
  play();
  FakeSocket.newest.fail();
  pass(400);
  FakeSocket.newest.accept();
  pass(0);
  assert.equal('seen' in pings()[0], false);
});

test('Pings_OfASteadyLine_AreSentEveryTwoSeconds', () => {
  play();
  const next = stream(2, 2000);
  const before = pings().length;
  stream(next, 8000);
  assert.equal(pings().length - before, 4);
});

test('Pings_WhileTheDelayRises_AreSentFourTimesASecondAndAtOnce', () => {
  play();
  let next = stream(2, 3000);
  let before = pings().length;
  next = stream(next, 120, 60);
  assert.equal(pings().length - before, 1);
  next = stream(next, 2000, 60);
  const often = pings().length - before;
  assert.ok(often >= 7 && often <= 9, String(often));
  // The delay is as before: still often for a second.
  before = pings().length;
  next = stream(next, 1000);
  assert.ok(pings().length - before >= 3);
  before = pings().length;
  stream(next, 6000);
  assert.ok(pings().length - before <= 4, String(pings().length - before));
});

test('Pings_WhilePicturesAreMissing_AreSentFourTimesASecond', () => {
  play();
  stream(2, 3000);
  const before = pings().length;
  pass(190);
  assert.equal(pings().length - before, 0);
  pass(110);
  assert.equal(pings().length - before, 1);
  pass(400);
  assert.equal(pings().length - before, 2);
});

const qualities = () =>
    FakeSocket.newest.sent.map((text) => JSON.parse(text)).filter(({type}) => type === 'quality').map(({value}) => value);

test('Quality_IsSentWhenItChanges', () => {
  play();
  session.handle({type: 'quality', quality: 'auto'});
  assert.deepEqual(qualities(), []);
  session.handle({type: 'quality', quality: 'low'});
  session.handle({type: 'quality', quality: 'low'});
  session.handle({type: 'quality', quality: 'auto'});
  assert.deepEqual(qualities(), ['low', 'auto']);
});

test('Quality_OtherThanAuto_IsSentOnEachNewConnection', () => {
  session.handle({type: 'quality', quality: 'full'});
  play();
  assert.deepEqual(qualities(), ['full']);
  FakeSocket.newest.fail();
  pass(400);
  FakeSocket.newest.accept();
  assert.deepEqual(qualities(), ['full']);
});

test('Line_IsInTheStatisticsOfItsConnection', () => {
  play();
  FakeSocket.newest.say('{"type":"line","track":"half"}');
  pass(1000);
  assert.equal(newestStatistics().line.track, 'half');
  FakeSocket.newest.fail();
  pass(400);
  FakeSocket.newest.accept();
  pass(1000);
  assert.equal(newestStatistics().line, undefined);
});

const frozen = () => events.filter(({type}) => type === 'frozen').map(({seconds}) => seconds);

// Lets time pass on a connection whose camera is away.
function wait(ms) {
  for (let passed = 0; passed < ms; passed += 500) {
    pass(500);
    FakeSocket.newest.say('{}');
  }
}

test('Frozen_CountsFromTheFirstSecondUntilTheNextNewPicture', () => {
  play();
  pass(950);
  assert.deepEqual(frozen(), []);
  wait(2500);
  assert.deepEqual(frozen(), [1, 2, 3]);
  FakeSocket.newest.say(picture(2, {capturedMs: 40}));
  runTasks();
  assert.deepEqual(frozen(), [1, 2, 3, 0]);
});

test('Frozen_AlsoWhereTheConnectionIsLost', () => {
  play();
  FakeSocket.newest.fail();
  pass(2100);
  assert.deepEqual(frozen(), [1, 2]);
});

test('Frozen_WithoutAPictureOnScreen_IsNot', () => {
  FakeSocket.newest.accept();
  FakeSocket.newest.say(jsmpHeader);
  wait(5000);
  assert.deepEqual(frozen(), []);
});

test('Frozen_StillSceneOfRepeats_IsNot', () => {
  play();
  for (let sequence = 2; sequence < 100; ++sequence) {
    pass(40);
    FakeSocket.newest.say(picture(sequence, {repeat: true}));
    runTasks();
  }
  assert.deepEqual([frozen(), drawn], [[], [1]]);
  // And its frame time is not the time between new pictures.
  pass(1100);
  assert.deepEqual(frozen(), [1]);
});

test('Frozen_PicturesThatCannotBeDecoded_DoNotMakeItLive', () => {
  play();
  goodPicture = false;
  for (let sequence = 2; sequence < 40; ++sequence) {
    pass(40);
    FakeSocket.newest.say(picture(sequence));
    runTasks();
  }
  assert.deepEqual(frozen(), [1]);
});

test('Frozen_PicturesThatWereShownBefore_DoNotMakeItLive', () => {
  connectAgain();
  pass(1100);
  assert.deepEqual(frozen(), [1]);
  for (let sequence = 1; sequence <= 5; ++sequence) {
    FakeSocket.newest.say(picture(sequence, {intra: sequence === 1, capturedMs: 20_000 + 40 * sequence, sentMs: 20_240}));
    runTasks();
  }
  assert.deepEqual(frozen(), [1]);
  FakeSocket.newest.say(picture(6, {repeat: true, capturedMs: 20_200, sentMs: 20_250}));
  runTasks();
  assert.deepEqual(frozen(), [1, 0]);
});

test('Frozen_SlowCamera_HasFourFrameTimes', () => {
  session.handle({type: 'frameTime', ms: 10_000});
  play();
  wait(39_500);
  assert.deepEqual(frozen(), []);
  wait(1000);
  assert.deepEqual(frozen(), [40]);
});

test('Frozen_PausedPlayer_IsNot', () => {
  play();
  pass(1200);
  session.handle({type: 'pause'});
  pass(5000);
  assert.deepEqual(frozen(), [1, 0]);
});

test('Frozen_HiddenPage_IsNotAndHasASecondToBecomeLive', () => {
  play();
  pass(1200);
  session.handle({type: 'visible', visible: false});
  wait(5000);
  assert.deepEqual(frozen(), [1, 0]);
  session.handle({type: 'visible', visible: true});
  pass(900);
  assert.deepEqual(frozen(), [1, 0]);
  pass(200);
  assert.deepEqual(frozen(), [1, 0, 7]);
});

const ages = () => events.filter(({type}) => type === 'frozen').map(({seconds, late}) => `${late ? 'late' : 'frozen'} ${seconds}`);

// The server's clock, 5000 ahead, is known. From then on what arrives is as late as the test wants.
function playOfKnownAge() {
  FakeSocket.newest.accept();
  pass(0);
  FakeSocket.newest.say(JSON.stringify({type: 'pong', id: 0, server_ns: '5000000000'}));
  FakeSocket.newest.say(picture(0, {intra: true, capturedMs: 4990}));
  runTasks();
  return stream(1, 1000);
}

test('Late_PicturesOfMoreThanThreeSeconds_AreNotTakenForLive', () => {
  let next = playOfKnownAge();
  const [socket] = FakeSocket.all;  // a late line makes it try another, in vain
  next = stream(next, 1000, 2900, socket);
  assert.deepEqual(ages(), []);
  next = stream(next, 200, 5100, socket);
  assert.deepEqual(ages(), ['late 5']);
  next = stream(next, 3000, 6100, socket);
  assert.deepEqual(ages(), ['late 5', 'late 6']);
  // Nothing more comes: it goes on from there.
  pass(1500);
  assert.deepEqual(ages(), ['late 5', 'late 6', 'frozen 7']);
  next = stream(next, 80, 6100, socket);
  assert.deepEqual(ages().slice(3), ['late 6']);
  next = stream(next, 80, 2500, socket);
  assert.equal(ages().length, 4);
  stream(next, 80, 1500, socket);
  assert.deepEqual(ages().slice(4), ['frozen 0']);
});

test('Late_StillSceneOfRepeats_IsAsOldAsItsWayTook', () => {
  let next = playOfKnownAge();
  const capturedMs = Math.round(performance.now()) + 4990;
  const still = (count, delayMs) => {
    for (let each = 0; each < count; ++each) {
      pass(40);
      FakeSocket.newest.say(picture(next++, {repeat: true, capturedMs, sentMs: Math.round(performance.now()) + 5000 - delayMs}));
      runTasks();
    }
  };
  still(200, 10);
  assert.deepEqual(ages(), []);
  still(10, 4100);
  assert.deepEqual(ages(), ['late 4']);
});

test('Late_SlowCamera_HasFourFrameTimes', () => {
  session.handle({type: 'frameTime', ms: 5000});
  FakeSocket.newest.accept();
  pass(0);
  FakeSocket.newest.say(JSON.stringify({type: 'pong', id: 0, server_ns: '50000000000'}));
  FakeSocket.newest.say(picture(0, {intra: true, capturedMs: 30_500}));
  runTasks();
  pass(6000);
  assert.deepEqual(ages(), []);
  FakeSocket.newest.say(picture(1, {capturedMs: 35_500}));
  runTasks();
  pass(100);
  assert.deepEqual(ages(), ['late 20']);
});

// Over whose connection no pong has come yet.
function connectAgainAfter(next) {
  FakeSocket.newest.fail();
  pass(400);
  FakeSocket.newest.accept();
  return next + 100;
}

test('Late_OverANewConnection_IsKnownBeforeItsFirstPong', () => {
  const next = connectAgainAfter(playOfKnownAge());
  const sentMs = Math.round(performance.now()) + 5000 - 4000;
  FakeSocket.newest.say(picture(next, {intra: true, capturedMs: sentMs - 20, sentMs}));
  runTasks();
  pass(100);
  assert.deepEqual(ages(), ['late 4']);
});

test('Late_OfAMachineThatWasStartedAgain_IsNotKnownBeforeItsFirstPong', () => {
  FakeSocket.newest.accept();
  pass(0);
  FakeSocket.newest.say(JSON.stringify({type: 'pong', id: 0, server_ns: '500000000000'}));
  FakeSocket.newest.say(picture(5, {intra: true, capturedMs: 499_990}));
  runTasks();
  connectAgainAfter(5);
  FakeSocket.newest.say(picture(0, {intra: true, capturedMs: 1000}));
  runTasks();
  pass(100);
  assert.deepEqual(ages(), []);
});

test('Late_PausedOrHiddenPlayer_IsNot', () => {
  stream(playOfKnownAge(), 200, 5100);
  session.handle({type: 'visible', visible: false});
  assert.deepEqual(ages(), ['late 5', 'frozen 0']);
});

// Lets time pass in steps, so that requests are given up in between.
async function passSlowly(ms) {
  for (let passed = 0; passed < ms; passed += 50) {
    pass(50);
    await settle();
  }
}

test('SilentConnection_IsReplacedAsSoonAsTheServerAnswers', async () => {
  play();
  stream(2, 3000);
  await passSlowly(700);
  assert.equal(FakeFetch.all.length, 0);
  await passSlowly(150);
  assert.deepEqual(FakeFetch.all.map(({address}) => address), ['http://pi/healthz']);
  await passSlowly(3000);
  assert.equal(FakeSocket.all.length, 1);
  await FakeFetch.newest.answer();
  await passSlowly(100);
  assert.equal(FakeSocket.all.length, 2);
  assert.equal(FakeSocket.all[0].closedByUs, false);
  FakeSocket.newest.accept();
  assert.equal(FakeSocket.all[0].closedByUs, true);
  FakeSocket.newest.say(picture(90, {intra: true, capturedMs: 20_000}));
  runTasks();
  assert.deepEqual(states(), ['playing']);
  assert.equal(drawn.at(-1), 90);
  // Pictures come again: nothing more is asked.
  assert.deepEqual(FakeFetch.pending, []);
});

test('SilentConnection_ThatGoesOn_IsKept', async () => {
  play();
  stream(2, 3000);
  await passSlowly(2000);
  await FakeFetch.newest.answer();
  await passSlowly(50);
  FakeSocket.newest.say(picture(90));
  await passSlowly(500);
  assert.equal(FakeSocket.all.length, 1);
});

test('SilentConnection_ThatGoesOnBeforeTheSecondIsOpen_IsKept', async () => {
  play();
  stream(2, 3000);
  await passSlowly(2000);
  await FakeFetch.newest.answer();
  await passSlowly(100);
  FakeSocket.all[0].say(picture(90));
  assert.deepEqual(FakeSocket.all.map(({closedByUs}) => closedByUs), [false, true]);
});

test('CameraThatIsAway_IsNoSilence', async () => {
  play();
  stream(2, 1000);
  let answered = 0;
  for (let tenth = 0; tenth < 600; ++tenth) {
    pass(100);
    for (; answered < pings().length; ++answered) {
      FakeSocket.newest.say(JSON.stringify({type: 'pong', id: pings()[answered].id, server_ns: '1'}));
    }
    await settle();
  }
  assert.deepEqual([FakeFetch.all.length, FakeSocket.all.length], [0, 1]);
});

test('SlowCamera_SilenceIsLongerThanItsFrames', async () => {
  session.handle({type: 'frameTime', ms: 600});
  play();
  await passSlowly(1750);
  assert.equal(FakeFetch.all.length, 0);
  await passSlowly(500);
  assert.ok(FakeFetch.all.length > 0);
});

test('SilentConnection_WhereRequestsAreForbidden_IsReplacedByTrial', async () => {
  play();
  stream(2, 3000);
  for (let passed = 0; passed < 2600; passed += 50) {
    pass(50);
    FakeFetch.pending.forEach((request) => request.refuse());
    await settle();
  }
  assert.equal(FakeSocket.all.length, 1);
  await passSlowly(300);
  assert.equal(FakeSocket.all.length, 2);
  await passSlowly(1000);
  assert.deepEqual(FakeSocket.all.map(({closedByUs}) => closedByUs), [false, true, false]);
});

test('LostConnection_IsMadeAgainAsSoonAsTheServerAnswers', async () => {
  play();
  for (let attempt = 0; attempt < 5; ++attempt) {
    FakeSocket.newest.fail();
    await passSlowly(2500);
  }
  FakeSocket.newest.fail();
  const attempts = FakeSocket.all.length;
  await FakeFetch.newest.refuse();
  await passSlowly(350);
  await FakeFetch.newest.answer();
  assert.equal(FakeSocket.all.length, attempts + 1);
  // It refuses, though it can be reached: as ever.
  FakeSocket.newest.fail();
  for (let tenth = 0; tenth < 4; ++tenth) {
    await passSlowly(100);
    await FakeFetch.pending[0]?.answer();
  }
  assert.equal(FakeSocket.all.length, attempts + 1);
});

test('ServiceRestart_KeepsItsSpreadThoughTheServerAnswers', async () => {
  play();
  const {random} = Math;
  Math.random = () => 0.99;
  FakeSocket.newest.fail(1012);
  await FakeFetch.newest.answer();
  assert.equal(FakeSocket.all.length, 1);
  pass(250);
  Math.random = random;
  assert.equal(FakeSocket.all.length, 2);
});

test('HiddenPage_AsksNothing', async () => {
  play();
  session.handle({type: 'visible', visible: false});
  await passSlowly(20_000);
  FakeSocket.newest.fail();
  await passSlowly(20_000);
  assert.equal(FakeFetch.all.length, 0);
  session.handle({type: 'visible', visible: true});
  assert.equal(FakeFetch.all.length, 1);
});

test('HiddenPage_ThatIsConnectedAgain_AsksNothingWhenItIsShown', async () => {
  play();
  session.handle({type: 'visible', visible: false});
  FakeSocket.newest.fail();
  await passSlowly(400);
  FakeSocket.newest.accept();
  session.handle({type: 'visible', visible: true});
  await passSlowly(500);
  assert.equal(FakeFetch.all.length, 0);
  stream(2, 1000);
  assert.equal(states().at(-1), 'playing');
});

test('PageThatIsHiddenWhileItAsks_Stops', async () => {
  play();
  stream(2, 1000);
  await passSlowly(1500);
  assert.ok(FakeFetch.pending.length > 0);
  session.handle({type: 'visible', visible: false});
  assert.equal(FakeFetch.pending.length, 0);
});

test('PageThatSlept_DoesNotTakeItsSleepForSilence', async () => {
  play();
  stream(2, 3000);
  sleep(60_000);
  const before = pings().length;
  pass(50);
  assert.deepEqual([FakeFetch.all.length, pings().length > before], [0, true]);
  FakeSocket.newest.say(picture(90));
  await passSlowly(500);
  assert.deepEqual([FakeFetch.all.length, FakeSocket.all.length], [0, 1]);
});

test('PageThatSlept_WhoseConnectionIsDead_AsksSoon', async () => {
  play();
  stream(2, 3000);
  sleep(60_000);
  await passSlowly(900);
  assert.equal(FakeFetch.all.length, 1);
});

// How long each connection lives of a server that accepts, and then is silent, by these seconds.
async function livesOfSilentConnections(count) {
  const lives = [];
  while (lives.length < count) {
    const socket = FakeSocket.newest;
    let livedMs = 0;
    for (; !socket.closedByUs && livedMs < 70_000; livedMs += 500) {
      await passSlowly(500);
    }
    await passSlowly(50);
    FakeSocket.newest.accept();
    lives.push(Math.floor(livedMs / 1000));
  }
  return lives;
}

test('ConnectionsThatFallSilentAgain_HaveEverMoreTime', async () => {
  play();
  assert.deepEqual(await livesOfSilentConnections(7), [5, 5, 10, 20, 40, 60, 60]);
  // A picture that took 50 s, and few more: no reason to be less patient.
  FakeSocket.newest.say(picture(1, {intra: true}));
  assert.deepEqual(await livesOfSilentConnections(1), [60]);
  stream(2, 11_000);
  assert.deepEqual(await livesOfSilentConnections(1), [5]);
});

test('SilentConnections_AreReplacedEverLaterThoughTheServerAnswers', async () => {
  play();
  const afterMs = [];
  for (let each = 0; each < 5; ++each) {
    FakeFetch.all = [];
    let waitedMs = 0;
    for (; FakeFetch.all.length === 0; waitedMs += 50) {
      await passSlowly(50);
    }
    afterMs.push(waitedMs);
    await FakeFetch.newest.answer();
    await passSlowly(100);
    FakeSocket.newest.accept();
  }
  const expected = [750, 750, 1500, 3000, 6000];
  afterMs.forEach((ms, index) => assert.ok(ms >= expected[index] && ms <= expected[index] + 600, String(afterMs)));
});

test('LatePictures_AreTriedOverAnotherConnection', async () => {
  play();
  let next = stream(2, 1000);
  next = stream(next, 2900, 2500);
  assert.equal(FakeSocket.all.length, 1);
  const [first] = FakeSocket.all;
  stream(next, 200, 2500);
  assert.equal(FakeSocket.all.length, 2);
  // The picture goes on until the second is open.
  first.say(picture(200));
  FakeSocket.newest.accept();
  assert.equal(first.closedByUs, true);
  assert.deepEqual(states(), ['playing']);
});
