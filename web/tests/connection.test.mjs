import assert from 'node:assert/strict';
import {afterEach, beforeEach, test} from 'node:test';
import {Connection} from '../player/connection.ts';
import {FakeFetch, settle} from './fake_fetch.mjs';
import {FakeSocket} from './fake_socket.mjs';
import {pass, useFakeTime, useRealTime} from './fake_time.mjs';
import {binary, closing, text} from './frames.mjs';

let heard;
let connection;
let asksUser;
const newest = () => FakeSocket.newest;

beforeEach(() => {
  useFakeTime();
  FakeSocket.install();
  FakeFetch.install();
  heard = [];
  asksUser = false;
  use();
});

function use(preference, url = 'ws://pi/stream') {
  connection = new Connection(url, {
    onOpen: (v1) => heard.push(v1 ? 'open v1' : 'open'),
    onBinary: (bytes) => heard.push(bytes),
    onText: (text) => heard.push(text),
    onSlow: () => asksUser,
    onLost: (retryInMs, isCertificateUnknown) => heard.push(...(isCertificateUnknown ? ['certificate'] : []), retryInMs),
    onUnauthorized: () => heard.push('unauthorized'),
    onForbidden: (reason) => heard.push(`forbidden: ${reason}`),
  }, preference);
}

// The newest stream over HTTP opens.
async function beginHttp() {
  const stream = FakeFetch.newest;
  await stream.begin();
  await stream.give(binary(1));
  return stream;
}

// It takes a message, and has been good for long enough.
async function proveHttp() {
  connection.send('{}');
  await FakeFetch.newest.answer(204);
  pass(10_000);
}

afterEach(useRealTime);

test('Open_AsksForTheSubprotocol', () => {
  connection.open();
  assert.equal(newest().asked, 'pistream.v1');
  newest().accept();
  assert.deepEqual(heard, ['open v1']);
});

test('FirstAttemptFails_TriesAgainWithoutTheSubprotocol', () => {
  connection.open();
  newest().fail();
  pass(300);
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
    pass(6000);
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
    pass(delay + 1);
  }
});

test('ServiceRestart_ReconnectsSoonButNotAllViewersAtOnce', () => {
  const delays = [];
  for (let viewer = 0; viewer < 20; ++viewer) {
    Math.random = () => viewer / 20;
    connection.close();
    connection.open();
    newest().accept();
    newest().fail(1012);
    delays.push(heard.at(-1));
  }
  assert.ok(Math.max(...delays) <= 250, String(delays));
  assert.ok(new Set(delays).size > 10, String(delays));
  pass(251);
  assert.equal(FakeSocket.all.length, 21);
});

test('NoResponse_IsAbandonedAfterFiveSeconds', () => {
  connection.open();
  pass(5001);
  assert.equal(FakeSocket.all[0].closedByUs, true);
  pass(1);
  assert.equal(FakeSocket.all.length, 2);
});

test('NoResponseWhileTheBrowserAsksItsUser_IsWaitedForUntilHeHasDecided', () => {
  asksUser = true;
  connection.open();
  pass(60_000);
  assert.deepEqual([heard, FakeSocket.all.length], [[], 1]);
  asksUser = false;
  pass(6001);
  assert.equal(heard.length, 1);
  pass(heard[0]);
  assert.equal(FakeSocket.all.length, 2);
});

test('UnknownCertificate_IsToldUntilThereIsAConnection', async () => {
  use('auto');
  connection.open();
  newest().fail(1015);
  pass(heard.at(-1));
  newest().fail(1015);  // now HTTP is tried at once
  await FakeFetch.newest.refuse();
  assert.deepEqual(heard.filter((each) => typeof each === 'string'), ['certificate', 'certificate']);
  pass(heard.at(-1));
  newest().accept();
  newest().fail();
  assert.deepEqual(heard.slice(-2, -1), ['open v1']);
});

test('SessionThatHasEnded_IsNotTriedAgain', () => {
  connection.open();
  newest().accept();
  newest().fail(4401);
  connection.reconnectNow();
  pass(60_000);
  assert.deepEqual([heard, FakeSocket.all.length], [['open v1', 'unauthorized'], 1]);
  connection.open();
  newest().accept();
  assert.equal(heard.at(-1), 'open v1');
});

test('ReconnectNow_DoesNotWait', () => {
  connection.open();
  newest().fail();
  connection.reconnectNow();
  assert.equal(FakeSocket.all.length, 2);
  pass(1000);
  assert.equal(FakeSocket.all.length, 2);
});

test('Abandon_TakesANewSocketAndHearsNoMoreOfTheOld', () => {
  connection.open();
  newest().accept();
  const old = newest();
  connection.abandon();
  pass(1);
  assert.equal(FakeSocket.all.length, 2);
  assert.equal(old.onmessage, null);
});

test('ReconnectNowBeforeTheSocketIsReportedLost_ReconnectsAtOnceWhenItIs', () => {
  connection.open();
  for (let failure = 0; failure < 5; ++failure) {
    newest().fail();
    pass(6000);
  }
  newest().accept();
  connection.reconnectNow();
  newest().fail();
  assert.equal(heard.at(-1), 0);
  pass(1);
  newest().fail();
  assert.ok(heard.at(-1) <= 1.2 * 500, String(heard.at(-1)));
});

test('ReconnectNowLongBeforeTheLoss_ChangesNothing', () => {
  connection.open();
  newest().accept();
  connection.reconnectNow();
  pass(4000);
  newest().fail();
  assert.ok(heard.at(-1) >= 200, String(heard.at(-1)));
});

test('ConstructorThatThrows_IsForbiddenAndNotRetried', () => {
  FakeSocket.constructorError = 'SecurityError: mixed content';
  connection.open();
  connection.reconnectNow();
  assert.deepEqual(heard, []);
  assert.equal(FakeSocket.attempts, 1);
  pass(60_000);
  assert.equal(heard.length, 1);
  assert.match(heard[0], /^forbidden: .*ws:\/\/pi\/stream.*SecurityError: mixed content/);
  assert.equal(FakeSocket.attempts, 1);
});

test('ErrorWithoutClose_IsForbiddenAndNotRetried', () => {
  connection.open();
  newest().error();
  pass(60_000);
  assert.equal(heard.length, 1);
  assert.match(heard[0], /^forbidden: /);
  assert.equal(FakeSocket.all.length, 1);
});

for (const [what, forbid] of [
  ['ThatThrows', () => FakeSocket.constructorError = 'SecurityError'],
  ['WithoutClose', () => {}],
]) {
  test(`Auto_ForbiddenWebSocket${what}_IsReplacedByHttpForGood`, async () => {
    use('auto');
    forbid();
    connection.open();
    newest()?.error();
    pass(1000);
    const stream = await beginHttp();
    assert.deepEqual(heard, ['open v1', Uint8Array.of(1)]);
    await proveHttp();
    await stream.refuse();
    for (let attempt = 0; attempt < 6; ++attempt) {
      pass(6000);
      await FakeFetch.newest.refuse();
    }
    assert.ok(FakeFetch.all.length > 5, String(FakeFetch.all.length));
    assert.equal(FakeSocket.attempts, 1);
    assert.equal(heard.filter((each) => String(each).startsWith('forbidden')).length, 0);
  });
}

test('Auto_ForbiddenWebSocketAndHttp_IsForbiddenWithTheReasonOfTheFirst', async () => {
  use('auto');
  FakeSocket.constructorError = 'SecurityError: policy';
  connection.open();
  pass(0);
  await FakeFetch.newest.refuse();
  pass(60_000);
  assert.equal(heard.length, 1);
  assert.match(heard[0], /^forbidden: .*ws:\/\/pi\/stream.*SecurityError: policy/);
  assert.deepEqual([FakeSocket.attempts, FakeFetch.all.length], [1, 1]);
});

test('ErrorThenClose_IsRetried', () => {
  connection.open();
  newest().error();
  newest().fail();
  pass(300);
  assert.deepEqual([heard.length, FakeSocket.all.length], [1, 2]);
  pass(2000);
  assert.equal(heard.length, 1);
});

test('Close_EndsEverything', () => {
  connection.open();
  newest().fail();
  connection.close();
  pass(60_000);
  assert.equal(FakeSocket.all.length, 1);
});

test('Messages_ArriveAsBytesOrText', () => {
  connection.open();
  newest().accept();
  newest().say(new Uint8Array([1, 2]));
  newest().say('text');
  assert.deepEqual(heard.slice(1), [new Uint8Array([1, 2]), 'text']);
});

test('Renew_TheSecondSocketTakesOverWhenItIsOpen', () => {
  connection.open();
  newest().accept();
  const [first] = FakeSocket.all;
  connection.renew();
  assert.deepEqual([FakeSocket.all.length, newest().asked], [2, 'pistream.v1']);
  first.say('still');
  assert.equal(first.closedByUs, false);
  newest().accept();
  assert.deepEqual([first.closedByUs, first.onmessage], [true, null]);
  newest().say('new');
  assert.deepEqual(heard, ['open v1', 'still', 'open v1', 'new']);
  newest().fail();
  assert.equal(typeof heard.at(-1), 'number');
});

test('RenewThatFails_ChangesNothing', () => {
  connection.open();
  newest().accept();
  const [first] = FakeSocket.all;
  connection.renew();
  newest().fail();
  pass(60_000);
  first.say('still');
  assert.deepEqual([heard, FakeSocket.all.length], [['open v1', 'still'], 2]);
});

test('RenewWithoutResponse_IsGivenUpAfterFiveSeconds', () => {
  connection.open();
  newest().accept();
  connection.renew();
  pass(5001);
  assert.deepEqual(FakeSocket.all.map(({closedByUs}) => closedByUs), [false, true]);
});

test('Keep_GivesUpTheSecondSocket', () => {
  connection.open();
  newest().accept();
  connection.renew();
  connection.keep();
  assert.deepEqual(FakeSocket.all.map(({closedByUs}) => closedByUs), [false, true]);
  assert.deepEqual(heard, ['open v1']);
});

test('RenewAgain_TakesAnotherSecondSocket', () => {
  connection.open();
  newest().accept();
  connection.renew();
  connection.renew();
  assert.deepEqual(FakeSocket.all.map(({closedByUs}) => closedByUs), [false, true, false]);
});

test('FirstSocketLostWhileTheSecondOpens_IsNotReported', () => {
  connection.open();
  newest().accept();
  connection.renew();
  FakeSocket.all[0].fail();
  assert.deepEqual(heard, ['open v1']);
  newest().accept();
  assert.deepEqual(heard, ['open v1', 'open v1']);
});

test('BothSocketsLost_IsReported', () => {
  connection.open();
  newest().accept();
  connection.renew();
  FakeSocket.all[0].fail();
  newest().fail();
  assert.equal(typeof heard.at(-1), 'number');
  pass(1000);
  assert.equal(FakeSocket.all.length, 3);
});

test('RenewWithoutOpenSocket_DoesNothing', () => {
  connection.open();
  connection.renew();
  assert.equal(FakeSocket.all.length, 1);
});

test('ConnectNow_WaitsNeitherForTheNextAttemptNorForALostPacket', () => {
  connection.open();
  newest().fail();
  connection.connectNow();
  assert.equal(FakeSocket.all.length, 2);
  connection.connectNow();
  pass(199);
  assert.equal(FakeSocket.all.length, 2);
  pass(1);
  assert.deepEqual([FakeSocket.all.length, FakeSocket.all[1].closedByUs], [3, true]);
  connection.connectNow();
  newest().accept();
  pass(1000);
  connection.connectNow();
  assert.equal(FakeSocket.all.length, 3);
});

test('CloseWhileASecondSocketOpens_ClosesBoth', () => {
  connection.open();
  newest().accept();
  connection.renew();
  connection.close();
  pass(60_000);
  assert.deepEqual(FakeSocket.all.map(({closedByUs}) => closedByUs), [true, true]);
});

test('Auto_TwoWebSocketsFail_TriesHttpAtOnce', async () => {
  use('auto');
  connection.open();
  newest().fail();
  pass(300);
  assert.equal(FakeFetch.all.length, 0);
  newest().fail();
  assert.deepEqual([FakeSocket.all.length, FakeFetch.all.length, heard.length], [2, 1, 1]);
  assert.deepEqual(
      [FakeFetch.newest.address, FakeFetch.newest.options.credentials], ['http://pi/stream.v1', 'same-origin']);
  const stream = await beginHttp();
  await stream.give(text('{}'));
  assert.deepEqual(heard.slice(1), ['open v1', Uint8Array.of(1), '{}']);
});

test('Auto_WebSocketsWithoutResponse_TriesHttp', async () => {
  use('auto');
  connection.open();
  pass(5001);
  pass(5001);
  assert.deepEqual([FakeSocket.all.length, FakeFetch.all.length], [2, 1]);
  assert.equal(FakeSocket.all[1].closedByUs, true);
});

test('Auto_OutageOfAWebSocketThatWorked_IsFollowedByAnother', async () => {
  use('auto');
  connection.open();
  newest().accept();
  connection.abandon();
  while (FakeFetch.all.length === 0) {
    pass(1000);  // without a response
  }
  pass(1000);
  const before = FakeSocket.all.length;
  connection.connectNow();
  assert.equal(FakeSocket.all.length, before + 1);
  assert.equal(FakeFetch.newest.options.signal.aborted, true);
  // That one is not the last of many failures.
  newest().fail();
  assert.deepEqual([FakeFetch.pending.length, typeof heard.at(-1)], [0, 'number']);
});

test('Auto_OutageWhereNoWebSocketEverWorked_LeavesTheTransport', async () => {
  use('auto');
  connection.open();
  pass(5001);
  pass(5001);
  assert.equal(FakeFetch.all.length, 1);
  pass(1000);
  connection.connectNow();
  assert.deepEqual([FakeSocket.all.length, FakeFetch.all.length], [2, 2]);
});

test('Auto_NothingWorks_IsRetriedEverLater', async () => {
  use('auto');
  connection.open();
  for (const expected of [250, 500, 1000, 2000, 4000]) {
    newest().fail();
    await FakeFetch.pending[0]?.refuse();
    const delay = heard.at(-1);
    assert.ok(delay >= 0.8 * expected && delay <= 1.2 * expected, `${delay} for ${expected}`);
    pass(delay + 1);
  }
  assert.equal(FakeFetch.all.length, 2);
});

test('AddressWithoutAStreamOverHttp_StaysWithWebSockets', () => {
  use('auto', 'ws://pi:8084/');
  connection.open();
  for (let failure = 0; failure < 5; ++failure) {
    newest().fail();
    pass(6000);
  }
  assert.equal(FakeFetch.all.length, 0);
});

test('Http_NoWebSocketIsTried', async () => {
  use('http');
  connection.open();
  for (let failure = 0; failure < 5; ++failure) {
    await FakeFetch.newest.refuse();
    pass(heard.at(-1) + 1);
  }
  assert.deepEqual([FakeSocket.all.length, FakeFetch.all.length], [0, 6]);
});

test('HttpThatEndsWithACode_IsRetriedLikeAWebSocket', async () => {
  use('http');
  connection.open();
  const stream = await beginHttp();
  await stream.give(closing(1012));
  assert.ok(heard.at(-1) <= 250, String(heard.at(-1)));
  pass(251);
  assert.equal(FakeFetch.all.length, 2);
});

test('HttpFirst_Works', async () => {
  use('http first');
  connection.open();
  assert.equal(FakeFetch.newest.options.credentials, 'omit');
  await beginHttp();
  assert.deepEqual(heard, ['open v1', Uint8Array.of(1)]);
  pass(60_000);
  assert.equal(FakeSocket.all.length, 0);
});

const STRANGER = {status: 401, session: null, headers: {'www-authenticate': 'Bearer realm="pistream"'}};

test('HttpFirstOfAServerWithSessions_IsTriedWithTheSessionAtOnce', async () => {
  use('http first');
  connection.open();
  await FakeFetch.newest.begin(STRANGER);
  assert.deepEqual([FakeFetch.all.length, FakeFetch.newest.options.credentials], [2, 'same-origin']);
  const stream = await beginHttp();
  await proveHttp();
  await stream.refuse();
  pass(heard.at(-1));
  assert.equal(FakeFetch.newest.options.credentials, 'same-origin');
  assert.deepEqual([heard.filter((each) => each === 'open v1').length, FakeSocket.all.length], [1, 0]);
});

test('HttpWithoutASessionAnyMore_IsNotTriedAgain', async () => {
  use('http first');
  connection.open();
  await FakeFetch.newest.begin(STRANGER);
  await FakeFetch.newest.begin(STRANGER);
  pass(60_000);
  assert.deepEqual([heard, FakeFetch.all.length, FakeSocket.all.length], [['unauthorized'], 2, 0]);
});

test('HttpWhoseMessageIsRefusedWithoutASession_IsNotTriedAgain', async () => {
  use('http');
  connection.open();
  await beginHttp();
  connection.send('{}');
  await FakeFetch.newest.begin(STRANGER);
  pass(60_000);
  assert.deepEqual([heard.slice(2), FakeFetch.all.length], [['unauthorized'], 2]);
});

test('HttpThatAProxyRefusesForWantOfAPassword_IsTriedAgain', async () => {
  globalThis.origin = 'http://pi';
  use('http');
  connection.open();
  await FakeFetch.newest.begin({...STRANGER, headers: {'www-authenticate': 'Basic realm="house"'}});
  delete globalThis.origin;
  pass(heard.at(-1));
  assert.equal(FakeFetch.all.length, 2);
});

test('HttpFirstThatFails_IsReplacedAtOnceAndForGood', async () => {
  use('http first');
  connection.open();
  await FakeFetch.newest.begin({status: 404});
  assert.deepEqual([heard, FakeSocket.all.length], [[], 1]);
  newest().accept();
  newest().fail();
  pass(300);
  assert.deepEqual([FakeSocket.all.length, FakeFetch.all.length], [2, 1]);
});

test('HttpFirstWithoutAMessage_IsReplacedSoon', async () => {
  use('http first');
  connection.open();
  await FakeFetch.newest.begin();
  pass(2001);
  assert.deepEqual([heard, FakeSocket.all.length, FakeFetch.newest.options.signal.aborted], [[], 1, true]);
});

test('HttpFirstThatTakesNoMessages_IsReplaced', async () => {
  use('http first');
  connection.open();
  await beginHttp();
  connection.send('{}');
  await FakeFetch.newest.answer(405);
  assert.equal(heard.at(-1), 0);
  pass(1);
  newest().accept();
  assert.equal(heard.at(-1), 'open v1');
});

test('HttpFirstThatFallsSilentSoon_IsReplaced', async () => {
  use('http first');
  connection.open();
  await beginHttp();
  connection.send('{}');
  await FakeFetch.newest.answer(204);
  pass(5000);
  connection.abandon();
  pass(1);
  assert.deepEqual([FakeSocket.all.length, FakeFetch.all.length], [1, 2]);
});

test('HttpThatWasGood_IsTriedAgainAfterALoss', async () => {
  use('http first');
  connection.open();
  const stream = await beginHttp();
  await proveHttp();
  await stream.refuse();
  assert.ok(heard.at(-1) >= 200 && heard.at(-1) <= 300, String(heard.at(-1)));
  pass(301);
  await beginHttp();
  assert.deepEqual([FakeSocket.all.length, heard.at(-2)], [0, 'open v1']);
});

test('HttpThatTheServerCloses_WasGood', async () => {
  use('http first');
  connection.open();
  const stream = await beginHttp();
  connection.send('{}');
  await FakeFetch.newest.answer(204);
  await stream.give(closing(1001));
  assert.ok(heard.at(-1) >= 200, String(heard.at(-1)));
  pass(301);
  assert.deepEqual([FakeSocket.all.length, FakeFetch.newest.address], [0, 'http://pi/stream.v1']);
});

test('RenewOverHttp_TheSecondStreamTakesOverWhenItIsOpen', async () => {
  use('http');
  connection.open();
  const first = await beginHttp();
  connection.renew();
  assert.equal(FakeFetch.all.length, 2);
  await first.give(binary(2));
  const second = await beginHttp();
  assert.equal(first.options.signal.aborted, true);
  await second.give(binary(3));
  assert.deepEqual(
      heard, ['open v1', Uint8Array.of(1), Uint8Array.of(2), 'open v1', Uint8Array.of(1), Uint8Array.of(3)]);
  connection.send('{}');
  assert.equal(FakeFetch.newest.address, 'http://pi/stream.v1?session=0f1e');
});

test('CloseOverHttp_EndsEverything', async () => {
  use('http');
  connection.open();
  const stream = await beginHttp();
  connection.close();
  await settle();
  pass(60_000);
  assert.deepEqual([stream.options.signal.aborted, FakeFetch.all.length], [true, 1]);
});
