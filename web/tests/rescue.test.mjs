import assert from 'node:assert/strict';
import {afterEach, beforeEach, test} from 'node:test';
import {Rescue} from '../player/rescue.ts';
import {FakeFetch} from './fake_fetch.mjs';
import {pass, useFakeTime, useRealTime} from './fake_time.mjs';

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
  rescue.tick(40, 500, true);
  assert.deepEqual([done, FakeFetch.all.length], [[], 0]);
  pass(1);
  rescue.tick(40, 500, true);
  assert.deepEqual([done, FakeFetch.all.length], [['ping'], 1]);
});

test('SilenceWithoutAnOverduePong_IsNone', () => {
  pass(3000);
  rescue.tick(40, 499, true);
  assert.deepEqual([done, FakeFetch.all.length], [[], 0]);
});

test('SecondConnectionThatDoesNotOpen_IsReplacedAfterASecond', async () => {
  pass(800);
  rescue.tick(40, 500, true);
  for (let tenth = 0; tenth < 13; ++tenth) {
    await FakeFetch.pending[0]?.answer();
    pass(100);
  }
  assert.deepEqual(done, ['ping', 'renew', 'renew']);
});

test('ConnectionThatIsHeard_IsKept', () => {
  pass(800);
  rescue.tick(40, 500, true);
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
