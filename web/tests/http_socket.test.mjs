import assert from 'node:assert/strict';
import {afterEach, beforeEach, test} from 'node:test';
import {HttpSocket} from '../player/http_socket.ts';
import {FakeFetch, settle} from './fake_fetch.mjs';
import {pass, useFakeTime, useRealTime} from './fake_time.mjs';
import {binary, closing, frameOf, joined, text} from './frames.mjs';

const PING = '{"type":"ping","id":';

let socket;
let heard;
const stream = () => FakeFetch.all[0];
// The requests with messages.
const posts = () => FakeFetch.all.slice(1);

beforeEach(() => {
  useFakeTime();
  FakeFetch.install();
  heard = [];
  socket = new HttpSocket('http://pi/stream.v1', 'omit');
  socket.onopen = () => heard.push('open');
  socket.onmessage = ({data}) => heard.push(data);
  socket.onclose = ({code}) => heard.push(code);
});

afterEach(useRealTime);

async function open() {
  await stream().begin();
  await stream().give(binary(1));
  heard = [];
}

test('FirstMessage_OpensIt', async () => {
  assert.equal(stream().address, 'http://pi/stream.v1');
  assert.equal(stream().options.credentials, 'omit');
  await stream().begin();
  assert.deepEqual([socket.readyState, heard], [0, []]);
  const [first, rest] = [binary(1, 2).subarray(0, 3), binary(1, 2).subarray(3)];
  await stream().give(first);
  assert.deepEqual(heard, []);
  await stream().give(joined(rest, text('{}')));
  assert.deepEqual([socket.readyState, heard], [1, ['open', Uint8Array.of(1, 2), '{}']]);
});

test('PingOfTheServer_IsNoMessage', async () => {
  await open();
  await stream().give(joined(frameOf(9, 'x'), frameOf(10, '')));
  assert.deepEqual(heard, []);
});

test('CloseFrame_ClosesItWithItsCode', async () => {
  await open();
  await stream().give(joined(binary(7), closing(1012), binary(8)));
  assert.deepEqual(heard, [Uint8Array.of(7), 1012]);
  assert.equal(socket.readyState, 3);
  assert.equal(stream().options.signal.aborted, true);
});

for (const [what, happen] of [
  ['RefusedRequest', () => stream().refuse()],
  ['ErrorResponse', () => stream().begin({status: 404})],
  ['ResponseOfAnotherServer', () => stream().begin({session: null})],
  ['PageInsteadOfFrames', async () => {
    await stream().begin();
    await stream().give(new TextEncoder().encode('<!doctype html>'));
  }],
  ['BodyThatEnds', async () => {
    await stream().begin();
    await stream().end();
  }],
  ['ConnectionThatBreaks', async () => {
    await stream().begin();
    await stream().refuse();
  }],
]) {
  test(`${what}_ClosesItOnce`, async () => {
    await happen();
    assert.deepEqual([heard, socket.readyState], [[1006], 3]);
  });
}

test('Close_EndsTheRequestAndSaysNothing', async () => {
  await open();
  socket.close();
  await settle();
  assert.deepEqual([heard, stream().options.signal.aborted], [[], true]);
});

test('Messages_GoOneAtATimeInOrder', async () => {
  await open();
  socket.send('{"type":"pause"}');
  socket.send('{"type":"resume"}');
  socket.send('{"type":"keyframe"}');
  assert.equal(posts().length, 1);
  assert.deepEqual(
      [posts()[0].address, posts()[0].options.method, posts()[0].options.body],
      ['http://pi/stream.v1?session=0f1e', 'POST', '{"type":"pause"}']);
  assert.equal(socket.hasSent, false);
  await posts()[0].answer(204);
  assert.equal(socket.hasSent, true);
  assert.deepEqual(posts().map(({options}) => options.body), ['{"type":"pause"}', '{"type":"resume"}\n{"type":"keyframe"}']);
  await posts()[1].answer(204);
  assert.equal(posts().length, 2);
});

test('PingsThatWait_OnlyTheNewestGoes', async () => {
  await open();
  for (const id of [1, 2, 3]) {
    socket.send(`${PING}${id}}`);
    socket.send(`"${id}"`);
  }
  await posts()[0].answer(204);
  assert.deepEqual(posts().map(({options}) => options.body), [`${PING}1}`, `"1"\n"2"\n${PING}3}\n"3"`]);
});

test('MoreThanARequestMayHave_GoesInSeveral', async () => {
  await open();
  socket.send('first');
  for (const name of ['a', 'b', 'c']) {
    socket.send(name.repeat(2000));
  }
  await posts()[0].answer(204);
  await posts()[1].answer(204);
  assert.deepEqual(posts().map(({options}) => options.body.length), [5, 4001, 2000]);
});

test('MessageWithoutResponse_IsSentOnceMore', async () => {
  await open();
  socket.send('{}');
  await posts()[0].refuse();
  assert.deepEqual([posts().length, posts()[1].options.body], [2, '{}']);
  await posts()[1].answer(204);
  assert.deepEqual([heard, socket.hasSent], [[], true]);
});

test('MessageThatDoesNotArrive_ClosesIt', async () => {
  await open();
  socket.send('{}');
  await posts()[0].refuse();
  await posts()[1].refuse();
  assert.deepEqual([heard, socket.readyState, socket.hasSent], [[1006], 3, false]);
});

test('MessageThatIsRefused_ClosesIt', async () => {
  await open();
  socket.send('{}');
  await posts()[0].answer(404);
  assert.deepEqual([heard, posts().length], [[1006], 1]);
});

test('MessageWithoutAnyResponse_ClosesItAfterFiveSeconds', async () => {
  await open();
  socket.send('{}');
  pass(4999);
  await settle();
  assert.deepEqual(heard, []);
  pass(1);
  await settle();
  assert.deepEqual([heard, posts().length, posts()[0].options.signal.aborted], [[1006], 1, true]);
});

test('MessagesThatAreTaken_HaveFiveSecondsEach', async () => {
  await open();
  for (let each = 0; each < 3; ++each) {
    socket.send('{}');
    pass(4000);
    await posts()[each].answer(204);
  }
  pass(60_000);
  assert.deepEqual([heard, socket.readyState], [[], 1]);
});

test('Close_EndsTheMessageUnderWay', async () => {
  await open();
  socket.send('{}');
  socket.close();
  await settle();
  pass(60_000);
  assert.deepEqual([heard, posts().length, posts()[0].options.signal.aborted], [[], 1, true]);
});

test('Header_OfItsOwn_IsOnlyForThePagesServer', () => {
  globalThis.origin = 'http://dash';
  socket = new HttpSocket('http://pi/stream.v1', 'omit');
  assert.deepEqual(FakeFetch.newest.options.headers, {});
  globalThis.origin = 'http://pi';
  socket = new HttpSocket('http://pi/stream.v1', 'omit');
  assert.deepEqual(FakeFetch.newest.options.headers, {'Pistream-Client': '1'});
  delete globalThis.origin;
});
