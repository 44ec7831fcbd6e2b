import assert from 'node:assert/strict';
import {test} from 'node:test';
import {ClockOffset} from '../player/clock.ts';
import {StatisticsCollector} from '../player/statistics.ts';

test('ClockOffset_BeforeAnyPing_IsUnknown', () => {
  assert.equal(new ClockOffset().offsetMs, undefined);
});

test('ClockOffset_OfSeveralPings_TrustsTheShortestRoundTrip', () => {
  const clock = new ClockOffset();
  clock.add(0, 40, 1030);  // 10 there, 30 back
  clock.add(100, 102, 1101);
  clock.add(200, 260, 1250);
  assert.equal(clock.offsetMs, 1000);
  assert.equal(clock.roundTripMs, 2);
});

test('ClockOffset_OldPings_AreForgotten', () => {
  const clock = new ClockOffset();
  clock.add(0, 1, 1000.5);
  clock.add(30_000, 30_010, 31_006);
  assert.equal(clock.offsetMs, 1001);
});

test('ClockOffset_Steady_IsByTheMostExactPingOfAll', () => {
  const clock = new ClockOffset();
  assert.equal(clock.steadyOffsetMs, undefined);
  clock.add(0, 10, 5005);
  // From then on all that comes is 5 s late.
  for (let sentMs = 1000; sentMs < 60_000; sentMs += 1000) {
    clock.add(sentMs, sentMs + 5010, sentMs + 5005);
  }
  assert.ok(Math.abs(clock.offsetMs - 2500) < 5, String(clock.offsetMs));
  assert.equal(clock.steadyOffsetMs, 5000);
  // Also of the next connection.
  clock.reset();
  assert.deepEqual([clock.offsetMs, clock.steadyOffsetMs], [undefined, 5000]);
  clock.add(70_000, 75_010, 75_005);
  assert.equal(clock.steadyOffsetMs, 5000);
});

test('ClockOffset_SteadyOfAnotherClock_IsThat', () => {
  const clock = new ClockOffset();
  clock.add(0, 10, 5005);
  clock.reset();
  clock.add(1000, 3000, 902_000);
  assert.equal(clock.steadyOffsetMs, 900_000);
});

test('ClockOffset_SteadyPing_AgesByWhatClocksAreSlewed', () => {
  const clock = new ClockOffset();
  clock.add(0, 10, 5005);
  clock.add(100_000, 100_030, 105_017);
  assert.equal(clock.steadyOffsetMs, 5002);
});

test('ClockOffset_Reset_KnowsNothing', () => {
  const clock = new ClockOffset();
  clock.add(0, 1, 5);
  clock.reset();
  assert.equal(clock.offsetMs, undefined);
});

test('Statistics_OfASteadyStream_AreItsRates', () => {
  const collector = new StatisticsCollector();
  collector.connected(0);
  for (let ms = 40; ms <= 10_000; ms += 40) {
    collector.received(ms, 4000);
    collector.decoded(ms, 2);
    collector.shown(ms, ms % 160 === 0 ? 7 : 5);
  }
  const {fps, bitsPerSecond, delayMs, decodeMs, total} = collector.snapshot(10_000, undefined);
  assert.ok(Math.abs(fps - 25) <= 0.2, String(fps));
  assert.ok(Math.abs(bitsPerSecond - 800_000) <= 8000, String(bitsPerSecond));
  assert.deepEqual(delayMs, {p50: 5, p95: 7});
  assert.deepEqual(decodeMs, {p50: 2, p95: 2});
  assert.deepEqual({received: total.received, shown: total.shown}, {received: 250, shown: 250});
});

test('Statistics_WithoutPictures_MeasureNothing', () => {
  const collector = new StatisticsCollector();
  const {fps, delayMs, total} = collector.snapshot(1000, undefined);
  assert.deepEqual({fps, delayMs, received: total.received}, {fps: 0, delayMs: undefined, received: 0});
  assert.equal(collector.typicalDecodeMs(), 0);
});
