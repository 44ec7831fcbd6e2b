import assert from 'node:assert/strict';
import {test} from 'node:test';
import {Backlog} from '../player/backlog.ts';

let count = 0;
const picture = (intra, bytes = 100) => ({id: ++count, intra, bytes: new Uint8Array(bytes)});
const I = () => picture(true);
const P = () => picture(false);

function backlogOf(...pictures) {
  const backlog = new Backlog();
  pictures.forEach((each) => backlog.push(each));
  return backlog;
}

test('BeforeTheFirstIntra_EverythingIsDropped', () => {
  const backlog = backlogOf(P(), P());
  assert.deepEqual(backlog.take(1), []);
  assert.equal(backlog.takeDropped(), 2);
  assert.equal(backlog.takeDropped(), 0);
});

test('InStep_EachPictureIsTakenInOrder', () => {
  const [first, second, third] = [I(), P(), P()];
  const backlog = backlogOf(first, second);
  assert.deepEqual(backlog.take(1), [first, second]);
  backlog.push(third);
  assert.deepEqual(backlog.take(1), [third]);
  assert.equal(backlog.takeDropped(), 0);
});

test('QueuedIntra_MakesAllBeforeItWorthless', () => {
  const [last, after] = [I(), P()];
  const backlog = backlogOf(I(), P(), P(), last, after);
  assert.deepEqual(backlog.take(1), [last, after]);
  assert.equal(backlog.takeDropped(), 3);
});

test('BehindByPredictedPictures_WaitsForTheNextIntra', () => {
  const backlog = backlogOf(I());
  backlog.take(1);
  for (let i = 0; i < 6; ++i) {
    backlog.push(P());
  }
  assert.deepEqual(backlog.take(50), []);
  assert.equal(backlog.takeDropped(), 6);
  const next = I();
  backlog.push(next);
  assert.deepEqual(backlog.take(50), [next]);
});

test('JoiningWithAWholeGroup_TakesItThoughItTakesAWhile', () => {
  const group = [I(), ...Array.from({length: 23}, P)];
  assert.deepEqual(backlogOf(...group).take(20), group);
});

test('OneSlowPicture_IsStillShown', () => {
  const only = I();
  assert.deepEqual(backlogOf(only).take(5000), [only]);
});

test('MoreThanAnyoneCanUse_IsDropped', () => {
  const backlog = backlogOf(I(), ...Array.from({length: 600}, P));
  assert.deepEqual(backlog.take(1), []);
  assert.equal(backlog.takeDropped(), 601);
});

test('TooManyBytes_AreDropped', () => {
  const backlog = backlogOf(I(), picture(false, 9 << 20));
  assert.deepEqual(backlog.take(1), []);
});
