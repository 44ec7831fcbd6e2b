import assert from 'node:assert/strict';
import {test} from 'node:test';
import {ages, distinctPictures, faultsOf, freezes, measuresOf, recovery} from './measures.mjs';

// Captured 20 times a second and drawn 30 ms later, from 1000 to 11000 ms; but for what `change` makes of it.
const FRAME_MS = 50;
function shownWith(change = (picture) => picture) {
  return Array.from({length: 200}, (_, at) => change({drawnMs: 1030 + FRAME_MS * at, capture10us: 100 * (1000 + FRAME_MS * at)}))
      .filter((picture) => picture !== null);
}

const WINDOW = {fromMs: 2000, toMs: 10_000, video: {width: 640, framerate: 20}, faults: []};

test('a good link: every picture, once, and no freeze', () => {
  const figures = measuresOf(shownWith(), WINDOW);
  assert.equal(figures.picturesPerSecond, 20);
  assert.equal(figures.freezes, 0);
  assert.equal(figures.longestMs, FRAME_MS);
  assert.equal(figures.delayMs.p50, 30);
  assert.equal(figures.delayMs.worst, 30);
  // What is shown grows older until the next picture.
  assert.ok(figures.ageMs.worst >= 60 && figures.ageMs.worst < 80);
  assert.equal(figures.backwards, 0);
});

test('smaller pictures are counted', () => {
  const shown = shownWith((picture) => ({...picture, width: picture.drawnMs < 6000 ? 320 : 640}));
  assert.equal(measuresOf(shown, WINDOW).smaller, 80);
});

test('a picture that is drawn again is no other picture', () => {
  const twice = shownWith().flatMap((picture) => [picture, {...picture, drawnMs: picture.drawnMs + 10}]);
  assert.equal(measuresOf(twice, WINDOW).picturesPerSecond, 20);
});

test('what cannot be read is taken from the header, and counted', () => {
  const shown = shownWith(({drawnMs, capture10us}) => ({drawnMs, header10us: capture10us}));
  const figures = measuresOf(shown, WINDOW);
  assert.equal(figures.byHeader, 160);
  assert.equal(figures.unread, 0);
  assert.equal(figures.delayMs.p50, 30);
});

test('what has no time at all is not shown, and counted', () => {
  const shown = shownWith((picture) => picture.drawnMs < 6000 ? picture : {drawnMs: picture.drawnMs});
  const figures = measuresOf(shown, WINDOW);
  assert.equal(figures.unread, 80);
  assert.equal(figures.picturesPerSecond, 10);
  assert.equal(figures.freezes, 1);
});

test('a freeze counts from its first missing picture to the next one, also at the edges', () => {
  const gone = (from, to) => distinctPictures(shownWith((picture) =>
    picture.drawnMs >= from && picture.drawnMs < to ? null : picture));
  const of = (pictures) => freezes(pictures, WINDOW.fromMs, WINDOW.toMs, WINDOW.video.framerate);
  assert.deepEqual(of(gone(5000, 6000)), [1050]);
  assert.deepEqual(of(gone(5000, 5200)), []);
  assert.equal(of(gone(9000, 20_000)).length, 1);
  assert.equal(of(gone(1900, 3000)).length, 1);
});

test('age is that of the newest picture drawn', () => {
  const pictures = [{drawnMs: 0, capturedMs: -30}, {drawnMs: 50, capturedMs: 10}];
  assert.deepEqual(ages(pictures, 0, 100), [[0, 30], [0.02, 50], [0.04, 70], [0.06, 50], [0.08, 70]]);
});

test('recovery ends when the age stays as it was before', () => {
  const samples = Array.from({length: 600}, (_, at) => {
    const seconds = at / 50;
    const isOld = (seconds >= 2 && seconds < 4.5) || (seconds >= 5 && seconds < 5.2);
    return [seconds, isOld ? 2000 : 50];
  });
  assert.equal(recovery(samples, 2, 4), 1200);
  assert.equal(recovery(samples.slice(0, 250), 2, 4), undefined);
});

test('faults are outages, and the time between a step down and the step back', () => {
  assert.deepEqual(faultsOf({rate: [{at: 0, mbit: 1}], outages: [{at: 8, for: 2}]}), [{at: 8, end: 10}]);
  const rate = [{at: 0, mbit: 5}, {at: 10, mbit: 0.5}, {at: 20, mbit: 5}];
  assert.deepEqual(faultsOf({rate, outages: []}), [{at: 10, end: 20}]);
  assert.deepEqual(faultsOf({rate: rate.slice(0, 2), outages: []}), []);
});
