import assert from 'node:assert/strict';
import {beforeEach, test} from 'node:test';
import {FrameTime} from '../player/frame_time.ts';
import {LineWatch} from '../player/line_watch.ts';

let line;
let busyMs;

beforeEach(() => {
  line = new LineWatch();
  line.begin(0);
  busyMs = 0;
});

// A picture that was sent at `sentMs` by the server's clock, and arrives so much later by ours.
const arrive = (sentMs, delayMs, {repeat = false, capturedMs = sentMs - 20} = {}) =>
    line.add({sentMs, capturedMs, repeat}, sentMs + delayMs, busyMs);

function stream(fromMs, toMs, delayMs) {
  for (let ms = fromMs; ms < toMs; ms += 40) {
    arrive(ms, delayMs);
  }
}

test('Poor_DelayAboveItsMinimumByMoreThanJitter', () => {
  stream(0, 1000, 7000);
  arrive(1000, 7039);
  assert.equal(line.isPoor(8039, 40), false);
  arrive(1040, 7041);
  assert.equal(line.isPoor(8081, 40), true);
  arrive(1080, 7002);
  assert.equal(line.isPoor(8082, 40), false);
});

test('Poor_MinimumIsThatOfTheLastThirtySeconds', () => {
  arrive(0, 10);
  stream(40, 29_000, 100);
  assert.equal(line.isPoor(29_060, 40), true);
  stream(29_000, 32_000, 100);
  assert.equal(line.isPoor(32_060, 40), false);
});

test('Poor_PictureIsMissingForTwoAndAHalfFrames', () => {
  stream(0, 1000, 0);  // the last one at 960
  assert.equal(line.isPoor(960 + 200, 40), false);
  assert.equal(line.isPoor(960 + 201, 40), true);
  assert.equal(line.isPoor(960 + 500, 200), false);
});

test('Poor_CameraThatIsAwayForLong_IsNotTheLine', () => {
  stream(0, 1000, 0);
  assert.equal(line.isPoor(960 + 9999, 40), true);
  assert.equal(line.isPoor(960 + 10_000, 40), false);
});

test('Poor_RepeatsArePicturesToo', () => {
  stream(0, 1000, 0);
  arrive(1500, 0, {repeat: true, capturedMs: 900});
  assert.equal(line.isPoor(1520, 40), false);
});

test('Excess_IsTheWorstOfTheLatestPictures_AlsoOfThoseOfAConnectionBefore', () => {
  stream(0, 1000, 7000);
  assert.equal(line.excessMs, 0);
  arrive(1000, 7800);
  arrive(1040, 7100);
  line.begin(9000);
  assert.equal(line.excessMs, 800);
  arrive(60_000, 7300);
  assert.equal(line.excessMs, 0);
});

test('Excess_OfAnotherClock_IsNone', () => {
  stream(0, 1000, 7000);
  line.begin(9000);
  arrive(1000, 3_000_000);
  assert.deepEqual([line.excessMs, line.isPoor(3_001_000, 40)], [0, false]);
});

// Pictures that arrive with this delay until `takeLate` says that it has lasted; when that was.
function lateAfter(fromMs, delayMs, limitMs = 200_000) {
  for (let ms = fromMs; ms < fromMs + limitMs; ms += 40) {
    arrive(ms, delayMs);
    if (line.takeLate(ms + delayMs, busyMs)) {
      return ms;
    }
  }
  return undefined;
}

test('Late_TwoSecondsForThreeSeconds', () => {
  stream(0, 1000, 50);
  assert.equal(lateAfter(1000, 2000, 10_000), undefined);
  assert.equal(lateAfter(11_000, 2051), 14_000);
});

test('Late_OnePictureInTime_BeginsAnew', () => {
  stream(0, 1000, 50);
  assert.equal(lateAfter(1000, 3000, 2900), undefined);
  arrive(4000, 100);
  assert.equal(lateAfter(4040, 3000, 2900), undefined);
});

test('Late_LineThatStaysSo_IsTriedEverMoreSeldom', () => {
  stream(0, 1000, 50);
  const tries = [1000];
  for (let each = 0; each < 7; ++each) {
    tries.push(lateAfter(tries.at(-1) + 40, 3000));
  }
  const gaps = tries.slice(2).map((at, index) => Math.round((at - tries[index + 1]) / 1000));
  assert.deepEqual(gaps, [5, 10, 20, 40, 60, 60]);
});

test('Late_LineThatWasGoodForLong_IsTriedSoonAgain', () => {
  stream(0, 1000, 50);
  let atMs = 1000;
  for (let each = 0; each < 5; ++each) {
    atMs = lateAfter(atMs + 40, 3000);
  }
  stream(atMs, atMs + 150_000, 50);
  const first = lateAfter(atMs + 150_000, 3000);
  assert.equal(first, atMs + 153_000);
  assert.equal(Math.round((lateAfter(first + 40, 3000) - first) / 1000), 5);
});

test('Late_ByOwnDecoding_IsNotTheLine', () => {
  stream(0, 1000, 50);
  for (let ms = 1000; ms < 20_000; ms += 40) {
    arrive(ms, 3000);
    busyMs += 30;
    assert.equal(line.takeLate(ms + 3000, busyMs), false);
  }
});

test('Late_RepeatsOfAnOldPicture_AreNot', () => {
  stream(0, 1000, 50);
  for (let ms = 1000; ms < 20_000; ms += 40) {
    arrive(ms, 50, {repeat: true, capturedMs: 960});
    assert.equal(line.takeLate(ms + 50, 0), false);
  }
});

test('Late_AfterSleep_BeginsAnew', () => {
  stream(0, 1000, 50);
  arrive(1000, 4000);
  line.resume(60_000);
  assert.equal(line.takeLate(60_000, 0), false);
});

test('FrameTime_StillScene_IsNoSlowCamera', () => {
  const time = new FrameTime();
  // Of 24 frames a second, one in 10 s is new.
  for (let second = 0; second < 60; second += 10) {
    time.add(1000 * second, 24 * second);
    time.add(1000 * second, 24 * second + 1);
  }
  assert.equal(time.ms, 1000 / 24);
  assert.deepEqual([time.stallMs(), time.frozenMs()], [2000, 1000]);
});

test('FrameTime_CameraThatCountsFromZeroAgain_KeepsItsRate', () => {
  const time = new FrameTime();
  [[0, 70], [5000, 71], [10_000, 72], [15_000, 0], [20_000, 1]].forEach((frame) => time.add(...frame));
  assert.deepEqual([time.ms, time.frozenMs()], [5000, 20_000]);
});

test('FrameTime_NewConnection_ExpectsWhatWasMeasured', () => {
  const time = new FrameTime();
  time.add(0, 0);
  time.add(10_000, 1);
  time.reset();
  assert.equal(time.ms, 10_000);
  time.add(20_000, 0);
  time.add(20_040, 1);
  assert.equal(time.ms, 40);
});

test('FrameTime_Unmeasured_IsTheExpectedOneIfAny', () => {
  const time = new FrameTime();
  assert.equal(time.ms, undefined);
  time.expectedMs = 10_000;
  assert.deepEqual([time.ms, time.frozenMs()], [10_000, 40_000]);
});
