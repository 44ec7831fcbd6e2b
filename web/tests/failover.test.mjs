import assert from 'node:assert/strict';
import {afterEach, beforeEach, test} from 'node:test';
import {Failover} from '../player/failover.ts';
import {FakeFetch} from './fake_fetch.mjs';
import {pass, useFakeTime, useRealTime} from './fake_time.mjs';

// Of 25 frames a second; a pong is overdue.
const LINE = {frameMs: 40, awaitsMs: 500, excessMs: 0, plays: true};

let done;
let failover;

beforeEach(() => {
  useFakeTime();
  FakeFetch.install();
  done = [];
  const connection = Object.fromEntries(
      ['renew', 'keep', 'connectNow'].map((name) => [name, () => done.push(name)]));
  failover = new Failover('http://pi/healthz', connection, () => done.push('ping'));
  failover.opened();
});

afterEach(() => {
  failover.stop();
  useRealTime();
});

test('Silence_PingsAndAsksAtOnce', () => {
  pass(750);
  failover.tick(LINE);
  assert.deepEqual([done, FakeFetch.all.length], [[], 0]);
  pass(1);
  failover.tick(LINE);
  assert.deepEqual([done, FakeFetch.all.length], [['ping'], 1]);
});

test('SilenceWithoutAnOverduePong_IsNone', () => {
  pass(3000);
  failover.tick({...LINE, awaitsMs: 499});
  assert.deepEqual([done, FakeFetch.all.length], [[], 0]);
});

test('Answer_WhereOthersWereLost_RenewsSoon', async () => {
  pass(800);
  failover.tick(LINE);
  await FakeFetch.newest.refuse();
  pass(350);
  await FakeFetch.newest.answer();
  pass(99);
  failover.tick(LINE);
  assert.deepEqual(done, ['ping']);
  pass(1);
  failover.tick(LINE);
  assert.deepEqual(done, ['ping', 'renew']);
});

test('AnswerAtOnce_MayBeASlowLine_AndLeavesItMoreTime', async () => {
  pass(800);
  failover.tick(LINE);
  await FakeFetch.newest.answer();
  pass(1499);
  failover.tick(LINE);
  assert.deepEqual(done, ['ping']);
  pass(1);
  failover.tick(LINE);
  assert.deepEqual(done, ['ping', 'renew']);
});

test('LineThatWasSlowBefore_MayBeSilentForLonger', async () => {
  const slow = {...LINE, excessMs: 400};
  pass(1550);
  failover.tick(slow);
  assert.equal(FakeFetch.all.length, 0);
  pass(1);
  failover.tick(slow);
  await FakeFetch.newest.refuse();
  pass(350);
  await FakeFetch.newest.answer();
  pass(499);
  failover.tick(slow);
  assert.deepEqual(done, ['ping']);
  pass(1);
  failover.tick(slow);
  assert.deepEqual(done, ['ping', 'renew']);
});

test('SecondConnectionThatDoesNotOpen_IsReplacedInTime', async () => {
  pass(800);
  failover.tick(LINE);
  await FakeFetch.newest.refuse();
  for (let tenth = 0; tenth < 25; ++tenth) {
    pass(100);
    await FakeFetch.pending[0]?.answer();
    failover.tick(LINE);
  }
  assert.deepEqual(done, ['ping', 'renew', 'renew']);
});

test('ConnectionThatIsHeard_IsKept', () => {
  pass(800);
  failover.tick(LINE);
  failover.heard();
  assert.deepEqual([done, FakeFetch.pending.length], [['ping', 'keep'], 0]);
  failover.heard();
  assert.deepEqual(done, ['ping', 'keep']);
});

test('LostConnection_IsMadeWhenTheServerIsBack', async () => {
  failover.lost();
  await FakeFetch.newest.refuse();
  pass(350);
  assert.deepEqual(done, []);
  await FakeFetch.newest.answer();
  assert.deepEqual(done, ['connectNow']);
});

test('ServerThatRespondsAndRefuses_IsAskedOnceForEachLoss', async () => {
  failover.lost();
  await FakeFetch.newest.answer(403);
  pass(60_000);
  assert.deepEqual([done, FakeFetch.all.length], [[], 1]);
  failover.lost();
  assert.equal(FakeFetch.all.length, 2);
  await FakeFetch.newest.answer(403);
  pass(60_000);
  assert.deepEqual([done, FakeFetch.all.length], [[], 2]);
});

test('ServerThatIsBackAndRefuses_IsAskedNoLonger', async () => {
  failover.lost();
  await FakeFetch.newest.refuse();
  pass(350);
  await FakeFetch.newest.answer(403);
  failover.lost();
  pass(350);
  await FakeFetch.newest.answer(403);
  const before = FakeFetch.all.length;
  pass(60_000);
  assert.deepEqual([done, FakeFetch.all.length], [['connectNow'], before]);
});
