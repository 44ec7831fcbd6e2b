import assert from 'node:assert/strict';
import {afterEach, beforeEach, test} from 'node:test';
import {Rescue} from '../player/rescue.ts';
import {FakeFetch} from './fake_fetch.mjs';
import {pass, useFakeTime, useRealTime} from './fake_time.mjs';

// Of 25 frames a second; a pong is overdue.
const LINE = {frameMs: 40, awaitsMs: 500, excessMs: 0, plays: true};

let done;
let rescue;

beforeEach(() => {
  useFakeTime();
  FakeFetch.install();
  done = [];
  const connection = Object.fromEntries(
      ['renew', 'keep', 'connectNow'].map((name) => [name, () => done.push(name)]));
  rescue = new Rescue('http://pi/healthz', connection, () => done.push('ping'));
  rescue.opened();
});

afterEach(() => {
  rescue.stop();
  useRealTime();
});

test('Silence_PingsAndAsksAtOnce', () => {
  pass(750);
  rescue.tick(LINE);
  assert.deepEqual([done, FakeFetch.all.length], [[], 0]);
  pass(1);
  rescue.tick(LINE);
  assert.deepEqual([done, FakeFetch.all.length], [['ping'], 1]);
});

test('SilenceWithoutAnOverduePong_IsNone', () => {
  pass(3000);
  rescue.tick({...LINE, awaitsMs: 499});
  assert.deepEqual([done, FakeFetch.all.length], [[], 0]);
});

test('Answer_WhereOthersWereLost_RenewsSoon', async () => {
  pass(800);
  rescue.tick(LINE);
  await FakeFetch.newest.refuse();
  pass(350);
  await FakeFetch.newest.answer();
  pass(99);
  rescue.tick(LINE);
  assert.deepEqual(done, ['ping']);
  pass(1);
  rescue.tick(LINE);
  assert.deepEqual(done, ['ping', 'renew']);
});

test('AnswerAtOnce_MayBeASlowLine_AndLeavesItMoreTime', async () => {
  pass(800);
  rescue.tick(LINE);
  await FakeFetch.newest.answer();
  pass(1499);
  rescue.tick(LINE);
  assert.deepEqual(done, ['ping']);
  pass(1);
  rescue.tick(LINE);
  assert.deepEqual(done, ['ping', 'renew']);
});

test('LineThatWasSlowBefore_MayBeSilentForLonger', async () => {
  const slow = {...LINE, excessMs: 400};
  pass(1550);
  rescue.tick(slow);
  assert.equal(FakeFetch.all.length, 0);
  pass(1);
  rescue.tick(slow);
  await FakeFetch.newest.refuse();
  pass(350);
  await FakeFetch.newest.answer();
  pass(499);
  rescue.tick(slow);
  assert.deepEqual(done, ['ping']);
  pass(1);
  rescue.tick(slow);
  assert.deepEqual(done, ['ping', 'renew']);
});

test('SecondConnectionThatDoesNotOpen_IsReplacedInTime', async () => {
  pass(800);
  rescue.tick(LINE);
  await FakeFetch.newest.refuse();
  for (let tenth = 0; tenth < 25; ++tenth) {
    pass(100);
    await FakeFetch.pending[0]?.answer();
    rescue.tick(LINE);
  }
  assert.deepEqual(done, ['ping', 'renew', 'renew']);
});

test('ConnectionThatIsHeard_IsKept', () => {
  pass(800);
  rescue.tick(LINE);
  rescue.heard();
  assert.deepEqual([done, FakeFetch.pending.length], [['ping', 'keep'], 0]);
  rescue.heard();
  assert.deepEqual(done, ['ping', 'keep']);
});

test('LostConnection_IsMadeWhenTheServerIsBack', async () => {
  rescue.lost();
  await FakeFetch.newest.answer();
  assert.deepEqual(done, []);
  pass(350);
  await FakeFetch.newest.refuse();
  pass(350);
  await FakeFetch.newest.answer();
  assert.deepEqual(done, ['connectNow']);
});
