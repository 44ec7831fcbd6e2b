import assert from 'node:assert/strict';
import {beforeEach, test} from 'node:test';
import {fullSize} from '../player/full_size.ts';
import {Screen} from '../player/screen.ts';
import {FakeChannel, runTasks} from './fake_channel.mjs';
import {header, picture} from './fake_pictures.mjs';
import {pass, useFakeTime, useRealTime} from './fake_time.mjs';

// What happens to the canvas, in order, and in which task.
let done;
let task;
let decoder;
let screen;

beforeEach(() => {
  FakeChannel.install();
  [done, task] = [[], 0];
  let canvas;
  decoder = {size: {width: 640, height: 480}, decode: () => true, image: () => decoder.size};
  const surface = {
    resize: ({width, height}) => {
      const isNew = canvas !== `${width}x${height}`;
      canvas = `${width}x${height}`;
      if (isNew) {
        done.push(`${task}: size ${canvas}`);
      }
      return isNew;
    },
    draw: ({width, height}) => done.push(`${task}: draw ${width}x${height}`),
  };
  screen = new Screen(decoder, surface, {
    onResize: ({width, height}) => done.push(`${task}: tell ${width}x${height}`),
    onFirstDrawn: () => done.push(`${task}: first`),
    onLive: () => undefined,
    onShown: () => undefined,
  });
});

function take(message) {
  task += 1;
  screen.take(message, true);
}

function run() {
  task += 1;
  runTasks();
}

test('FirstHeader_GivesTheCanvasItsSizeBeforeAPicture', () => {
  take(header(640, 480));
  assert.deepEqual(done, ['1: size 640x480', '1: tell 640x480']);
});

test('OtherSize_TheOldPictureStaysUntilTheNewOneIsDrawn', () => {
  take(header(640, 480));
  take(picture(1, {intra: true}));
  run();
  done = [];
  take(header(320, 240));
  run();
  assert.deepEqual(done, []);
  decoder.size = {width: 320, height: 240};
  take(picture(2, {intra: true}));
  run();
  assert.deepEqual(done, ['7: size 320x240', '7: tell 320x240', '7: draw 320x240', '7: first']);
});

test('OtherSizeWhosePictureIsDamaged_TheOldPictureStays', () => {
  take(header(640, 480));
  take(picture(1, {intra: true}));
  run();
  done = [];
  take(header(320, 240));
  decoder.decode = () => false;
  take(picture(2, {intra: true}));
  run();
  assert.deepEqual(done, []);
});

const size = (width, height) => ({width, height});

test('FullSize_SmallerPictureOfTheSameShape_IsTheLarger', () => {
  assert.deepEqual(fullSize(undefined, size(320, 240)), size(320, 240));
  assert.deepEqual(fullSize(size(320, 240), size(640, 480)), size(640, 480));
  assert.deepEqual(fullSize(size(640, 480), size(160, 120)), size(640, 480));
  assert.deepEqual(fullSize(size(854, 480), size(213, 120)), size(854, 480));
  assert.deepEqual(fullSize(size(854, 480), size(208, 120)), size(208, 120));
});

test('FullSize_PictureOfAnotherShape_IsItsOwn', () => {
  assert.deepEqual(fullSize(size(640, 480), size(320, 180)), size(320, 180));
  assert.deepEqual(fullSize(size(640, 480), size(480, 640)), size(480, 640));
});

test('PictureThatWaitsToBeDrawnWhenHidden_IsNotDrawnLongAfter', () => {
  useFakeTime();
  try {
    take(picture(1, {intra: true}));
    run();
    pass(1000);
    // The network has held them back: the last is to be drawn a display frame after the one before.
    [2, 3, 4].forEach((sequence) => take(picture(sequence)));
    run();
    screen.hold();
    pass(1000);
    done = [];
    screen.release(true);
    run();
    assert.deepEqual(done, []);
    take(picture(5, {intra: true}));
    run();
    assert.deepEqual(done, ['9: draw 640x480']);
  } finally {
    useRealTime();
  }
});
