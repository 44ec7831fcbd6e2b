import assert from 'node:assert/strict';
import {test} from 'node:test';
import {renderPage} from './page.mjs';
import {figuresOf, markdown, mediansOf, ratiosOf} from './table.mjs';

const traffic = {packets: 1, bytes: 100_000};
function result(contender, p50, others = {}) {
  return {
    profile: 'step', link: 'step', contender, seconds: 10, picturesPerSecond: 24, freezes: 0, longestMs: 60, frozenSeconds: 0,
    delayMs: {p50, p95: 2 * p50, p99: 3 * p50, worst: 4 * p50}, ageMs: {p50, p95: p50, worst: p50},
    recoveryMs: [], byHeader: 0, unread: 0, smaller: 0, cpu: 0.5, network: 'TUN', congestion: 'cubic', faults: [],
    counters: {down: {delivered: traffic, dropped: traffic, lost: traffic}}, samples: [[0, p50], [0.02, p50]],
    ...others,
  };
}

test('the median is taken figure by figure', () => {
  const [median, ...others] = mediansOf([
    result('a', 10, {freezes: 3, recoveryMs: [100]}),
    result('a', 30, {freezes: 1, recoveryMs: [undefined]}),
    result('a', 20, {freezes: 2, recoveryMs: [200]}),
  ]);
  assert.equal(others.length, 0);
  assert.equal(median.delayMs.p50, 20);
  assert.equal(median.freezes, 2);
  assert.deepEqual(median.recoveryMs, [200]);
  assert.equal(median.runs, 3);
  assert.equal(median.contender, 'a');
  assert.deepEqual(median.samples, [[0, 10], [0.02, 10]]);
});

test('what mostly does not recover never does', () => {
  const runs = [[undefined], [undefined], [5]].map((recoveryMs) => result('a', 1, {recoveryMs}));
  assert.deepEqual(mediansOf(runs)[0].recoveryMs, [undefined]);
});

test('viewers and contenders are results of their own', () => {
  assert.equal(mediansOf([result('a', 1), result('b', 1), result('a', 1, {viewer: 2})]).length, 3);
});

test('ratios are to the contender on the same link', () => {
  const {headings, rows} = ratiosOf([result('pistream', 10), result('webrtc', 40), result('pistream', 1, {profile: 'clean'})]);
  assert.equal(rows.length, 1);
  assert.equal(rows[0][headings.indexOf('delay p50')], '0.25 x');
  assert.equal(rows[0][headings.indexOf('frozen')], '0 : 0');
  assert.equal(rows[0][headings.indexOf('recovery')], '');
});

test('without the contender there are no ratios', () => {
  assert.equal(markdown(ratiosOf([result('pistream', 10)])), '');
});

test('a table has a cell for each heading', () => {
  const {headings, rows} = figuresOf([result('pistream', 10), result('two', 10, {viewer: 2})]);
  rows.forEach((row) => assert.equal(row.length, headings.length));
  assert.equal(markdown({headings, rows}).split('\n').length, 4);
});

test('the page has a chart for each viewer of each link, and the comments as text', () => {
  const html = renderPage({
    results: [
      result('pistream', 10, {faults: [{at: 2, end: 4}]}), result('webrtc', 40),
      result('pistream', 10, {profile: 'two', viewer: 1}), result('pistream', 10, {profile: 'two', viewer: 2}),
    ],
    comments: {step: 'a < b', two: ''},
    about: [['machine', 'one']],
  });
  assert.equal(html.match(/<svg /g).length, 3);
  assert.match(html, /a &lt; b/);
  assert.doesNotMatch(html, /NaN|undefined/);
});
