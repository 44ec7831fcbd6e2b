// The plot of the delay, and the panel around it, on a page of which only texts are kept.

import assert from 'node:assert/strict';
import {test} from 'node:test';

class FakeElement {
  hidden = true;
  textContent = '';
  clientWidth = 0;
  setAttribute() {}
  getContext() {
    return null;
  }
}

const elements = new Map();
Object.assign(globalThis, {
  HTMLElement: FakeElement,
  HTMLCanvasElement: FakeElement,
  HTMLButtonElement: FakeElement,
  document: {
    baseURI: 'http://pi/',
    getElementById: (id) => elements.get(id) ?? elements.set(id, new FakeElement()).get(id),
  },
  fetch: async () => new Response(''),
});

// After the page is there.
const {Plot} = await import('../page/plot.ts');
const {StatisticsPanel} = await import('../page/statistics_panel.ts');

const delay = (ms) => ({p50: ms / 2, p95: ms});

test('Scale_FitsTheHighestOfTheLastMinute', () => {
  const plot = new Plot(new FakeElement());
  assert.equal(plot.scaleMs, 20);
  plot.add(delay(730));
  plot.add(undefined);
  assert.equal(plot.scaleMs, 800);
  for (let second = 0; second < 60; ++second) {
    plot.add(delay(30));
  }
  assert.equal(plot.scaleMs, 30);
});

test('Clear_ForgetsAllSamples', () => {
  const plot = new Plot(new FakeElement());
  plot.add(delay(730));
  plot.clear();
  assert.equal(plot.scaleMs, 20);
});

const figuresOf = (ms) => ({
  fps: 24, bitsPerSecond: 1e6, delayMs: delay(ms), line: {track: 'half'},
  total: {received: 0, decoded: 0, shown: 0, dropped: 0, damaged: 0, repeated: 0, connections: 1},
});

test('Panel_OfAnotherTile_ShowsNothingOfTheOneBefore', () => {
  const panel = new StatisticsPanel();
  panel.toggle();
  const scale = () => elements.get('plot-scale').textContent;
  const [garden, door] = [{state: 'playing'}, {state: 'playing'}];
  panel.update(garden, figuresOf(730), 'garden');
  panel.update(garden, figuresOf(30), 'garden');
  assert.equal(scale(), '0 to 800 ms, last minute');
  assert.equal(elements.get('value-track').textContent, 'half size');
  panel.update(door, figuresOf(30), 'door');
  assert.equal(scale(), '0 to 30 ms, last minute');
});
