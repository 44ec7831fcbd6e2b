import assert from 'node:assert/strict';
import {test} from 'node:test';
import {renderPage, summaryOf} from './page.mjs';

const nothing = {reasons: [], errors: [], events: [], frames: [], delays: [], pictures: [], images: [], logs: []};
const run = (...tests) => ({
  label: '//e2e:some_test',
  startedAt: '2026-01-01 00:00:00Z',
  seconds: 3,
  machine: 'a machine',
  target: {
    name: 'local',
    capabilities: {stamp: true, packets: false},
    versions: {program: 'pistream 1\nlibavcodec 59.37\nlibcamera none: no camera', chromium: '156'},
  },
  tests: tests.map((each) => ({...nothing, title: 'a test', status: 'passed', seconds: 1, ...each})),
});

test('it asks nobody for anything, and runs nothing', () => {
  const page = renderPage(run({images: [['shot', 'AAAA']]}));
  assert.match(page, /default-src 'none'; img-src data:; style-src 'unsafe-inline'/);
  assert.doesNotMatch(page, /<script|<link|https?:\/\//);
});

test('versions are there, each by its name', () => {
  const page = renderPage(run({}));
  for (const text of ['<th>libavcodec</th><td>59.37</td>', '<th>libcamera</th><td>none: no camera</td>', '<th>chromium</th><td>156</td>']) {
    assert.ok(page.includes(text), text);
  }
});

test('what the target lacks is said, with what was left out for it', () => {
  const page = renderPage(run(
      {title: 'mangled', status: 'skipped', reasons: ['local has no packets']},
      {title: 'hidden', reasons: ['that it is live: local has no packets']}));
  assert.match(page, /not checked here: mangled; hidden \(that it is live\)/);
});

test('a log is shown where something failed, and only there', () => {
  const logs = [{name: 'program.log', text: 'the last words'}];
  assert.match(renderPage(run({status: 'failed', errors: ['Error: <no>'], logs})), /Error: &lt;no&gt;[^]*the last words/);
  assert.doesNotMatch(renderPage(run({logs})), /the last words/);
});

test('events and charts share one time', () => {
  const page = renderPage(run({
    events: [{atMs: 1000, kind: 'fault', text: 'it breaks'}, {atMs: 3000, kind: 'followed', text: 'it goes on'}],
    frames: [{label: 'page', points: [[2000, 1], [2500, 2]]}],
    delays: [{label: 'delay', points: [[2000, 5], [2500, 6]]}],
  }));
  assert.match(page, /\(2\)<\/span><span>2\.00 s/);
  assert.doesNotMatch(page, /NaN|undefined/);
});

test('a run without a target, without anything', () => {
  assert.doesNotMatch(renderPage({...run({}), target: undefined}), /NaN|undefined/);
});

test('the summary counts', () => {
  const {passed, failed, skipped} = summaryOf(run({}, {status: 'failed'}, {status: 'skipped'}, {}));
  assert.deepEqual({passed, failed, skipped}, {passed: 2, failed: 1, skipped: 1});
});
