import assert from 'node:assert/strict';
import {test} from 'node:test';
import {ageChart, delayHistogram, delayTimeline, disorder, escape, frameChart, histogram, quantile, ticks} from './charts.mjs';

test('ticks are round and inside', () => {
  assert.deepEqual(ticks(0, 10, 5), [0, 2, 4, 6, 8, 10]);
  assert.deepEqual(ticks(0.13, 0.52, 4), [0.2, 0.3, 0.4, 0.5]);
  assert.deepEqual(ticks(47, 131, 5), [60, 80, 100, 120]);
});

test('ticks of one value: that value at most', () => {
  assert.ok(ticks(5, 5, 4).length <= 1);
});

test('a histogram counts every value once', () => {
  const bars = histogram([0, 0.5, 1, 1.5, 9.99], 10);
  assert.deepEqual(bars.map(({count}) => count), [2, 2, 0, 0, 0, 0, 0, 0, 0, 1]);
  assert.deepEqual(bars[0], {from: 0, to: 1, count: 2});
});

test('a histogram of equal values has them all', () => {
  for (const value of [0, 3, 250]) {
    assert.equal(histogram([value, value], 10).reduce((sum, {count}) => sum + count, 0), 2);
  }
});

test('quantiles are values', () => {
  assert.equal(quantile([3, 1, 2], 0.5), 2);
  assert.equal(quantile([3, 1, 2], 0.99), 3);
});

test('disorder: gaps are lost frames, anything but a step forward is wrong', () => {
  assert.deepEqual(disorder([1, 2, 5, 5, 4, 5]), {lost: [{at: 2, count: 2}], wrong: [3, 4]});
  assert.deepEqual(disorder([0xffff, 0, 1]), {lost: [], wrong: []});
});

test('a frame chart says what is missing and marks what is wrong', () => {
  const svg = frameChart({label: 'page', points: [[0, 1], [1, 2], [2, 5], [3, 5]], range: [0, 3], marks: []});
  assert.match(svg, /page: 4 frames, 2 missing, 1 twice/);
  assert.equal(svg.match(/class="lost"/g).length, 1);
  assert.equal(svg.match(/class="wrong"/g).length, 1);
});

test('marks outside the chart are left out', () => {
  const marks = [{x: -1, label: '(1)', kind: 'fault'}, {x: 1, label: '(2)', kind: 'fault'}];
  const svg = delayTimeline({label: 'delay', points: [[0, 5], [2, 6]], range: [0, 2], marks});
  assert.doesNotMatch(svg, /\(1\)/);
  assert.match(svg, /\(2\)/);
});

test('ages of several viewers are lines of one chart', () => {
  const svg = ageChart({
    label: 'step', lines: [{name: 'a<b', points: [[0, 30], [1, 2000]]}, {name: 'c', points: [[0, 0]]}], range: [0, 1],
  });
  assert.equal(svg.match(/<path class="line /g).length, 2);
  assert.match(svg, /a&lt;b/);
  assert.match(svg, />1000</);
  assert.doesNotMatch(svg, /NaN|Infinity|undefined/);
});

test('no chart has a number that is none, whatever it is of', () => {
  for (const svg of [
    frameChart({label: 'one', points: [[0, 7]], range: [0, 0]}),
    delayHistogram({label: 'zero', values: [0, 0]}),
    delayTimeline({label: 'one', points: [[0, 0]], range: [0, 0]}),
  ]) {
    assert.doesNotMatch(svg, /NaN|Infinity|undefined/);
  }
});

test('text is text', () => {
  assert.equal(escape('<b a="&">'), '&lt;b a=&quot;&amp;&quot;&gt;');
});
