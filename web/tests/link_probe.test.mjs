import assert from 'node:assert/strict';
import {afterEach, beforeEach, test} from 'node:test';
import {LinkProbe} from '../player/link_probe.ts';
import {FakeFetch, settle} from './fake_fetch.mjs';
import {pass, useFakeTime, useRealTime} from './fake_time.mjs';

let answers;
let probe;

beforeEach(() => {
  useFakeTime();
  globalThis.origin = 'http://pi';
  FakeFetch.install();
  answers = [];
  probe = new LinkProbe('http://pi/healthz', (isBack) => answers.push(isBack));
});

afterEach(() => {
  probe.stop();
  delete globalThis.origin;
  useRealTime();
});

test('Started_AsksAtOnceAndAboutEveryThreeTenths', async () => {
  probe.start();
  probe.start();
  assert.equal(FakeFetch.all.length, 1);
  const {address, options: {mode, credentials, cache}} = FakeFetch.newest;
  assert.deepEqual([address, mode, credentials, cache], ['http://pi/healthz', 'same-origin', 'omit', 'no-store']);
  for (let tenth = 0; tenth < 30; ++tenth) {
    pass(100);
    await FakeFetch.newest.answer();
  }
  assert.ok(FakeFetch.all.length >= 10 && FakeFetch.all.length <= 14, String(FakeFetch.all.length));
});

test('NoAnswer_EachIsGivenUpAndAtMostFourAreUnderWay', async () => {
  probe.start();
  for (let tenth = 0; tenth < 50; ++tenth) {
    pass(100);
    await settle();
    assert.ok(FakeFetch.pending.length <= 4, String(FakeFetch.pending.length));
  }
  assert.equal(FakeFetch.all[0].isOver, true);
  assert.ok(FakeFetch.all.length >= 12, String(FakeFetch.all.length));
  assert.deepEqual(answers, []);
  assert.equal(probe.isForbidden, false);
});

test('AnyStatus_IsAnAnswer_ButThatOfAProxyWithoutServer', async () => {
  probe.start();
  for (const status of [200, 503, 404, 0]) {
    await FakeFetch.newest.answer(status);
    pass(350);
  }
  assert.equal(answers.length, 4);
  await FakeFetch.newest.answer(502);
  assert.equal(answers.length, 4);
});

test('Answer_IsNewsAfterOneThatFailed', async () => {
  probe.start();
  await FakeFetch.newest.answer();
  pass(350);
  await FakeFetch.newest.refuse();
  pass(350);
  await FakeFetch.newest.answer();
  pass(350);
  await FakeFetch.newest.answer();
  assert.deepEqual(answers, [false, true, false]);
});

test('Answer_IsNewsIfItOvertakesAnother', async () => {
  probe.start();
  pass(350);
  await FakeFetch.all[1].answer();
  assert.deepEqual(answers, [true]);
  assert.equal(FakeFetch.all[0].isOver, true);
  pass(350);
  await FakeFetch.newest.answer();
  assert.deepEqual(answers, [true, false]);
});

test('Answers_ThatTakeLongerThanToAskAgain_AreNoNews', async () => {
  probe.start();
  pass(350);
  pass(350);
  const asked = [...FakeFetch.all];
  for (const request of asked) {
    await request.answer();
  }
  assert.deepEqual(answers, asked.map(() => false));
});

test('Stopped_AsksNoMoreAndHearsNothing', async () => {
  probe.start();
  const [request] = FakeFetch.all;
  probe.stop();
  assert.equal(request.isOver, true);
  pass(5000);
  await settle();
  assert.deepEqual([answers, FakeFetch.all.length], [[], 1]);
});

test('AwayForLong_IsAskedSeldom', async () => {
  probe.start();
  for (let second = 0; second < 32; ++second) {
    pass(1000);
    await settle();
  }
  const before = FakeFetch.all.length;
  for (let second = 0; second < 20; ++second) {
    pass(1000);
    await settle();
  }
  assert.ok(FakeFetch.all.length - before <= 13, String(FakeFetch.all.length - before));
});

test('RefusedAtOnce_MayBeForbidden_UnlessThereEverWasAnAnswer', async () => {
  const refuseThree = async () => {
    for (let each = 0; each < 3; ++each) {
      await FakeFetch.newest.refuse();
      pass(350);
    }
  };
  probe.start();
  await refuseThree();
  assert.equal(probe.isForbidden, true);
  await FakeFetch.newest.answer();
  pass(350);
  await refuseThree();
  assert.equal(probe.isForbidden, false);
});

// Until then, each fails at once.
async function requestsIn(ms) {
  for (let passed = 0; passed < ms; passed += 100) {
    await FakeFetch.pending[0]?.refuse();
    pass(100);
  }
  return FakeFetch.all.length;
}

test('RefusedAtOnce_ByAnotherServer_IsAskedSeldom', async () => {
  globalThis.origin = 'http://dash';
  probe = new LinkProbe('http://pi/healthz', () => {});
  probe.start();
  const count = await requestsIn(20_000);
  assert.ok(count >= 12 && count <= 14, String(count));
});

test('RefusedAtOnce_ByThePagesOwnServer_IsAskedOften', async () => {
  probe.start();
  const count = await requestsIn(20_000);
  assert.ok(count >= 60, String(count));
});

test('Redirects_AreNotFollowedWhereTheBrowserAllowsThat', () => {
  probe.start();
  const options = () => [FakeFetch.newest.options.mode, FakeFetch.newest.options.redirect];
  assert.deepEqual(options(), ['same-origin', 'manual']);
  globalThis.origin = 'http://dash';
  probe = new LinkProbe('http://pi/healthz', () => {});
  probe.start();
  assert.deepEqual(options(), ['no-cors', 'follow']);
});
