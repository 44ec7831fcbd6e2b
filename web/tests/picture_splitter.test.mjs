import assert from 'node:assert/strict';
import {test} from 'node:test';
import {PictureSplitter} from '../player/picture_splitter.ts';

const SEQUENCE = [0, 0, 1, 0xb3, 0x28, 0x01, 0xe0, 0x15];
const GROUP = [0, 0, 1, 0xb8, 0, 8, 0, 0];
const SLICE = [0, 0, 1, 0x01, 0x22, 0x33];
const END = [0, 0, 1, 0xb7];
const header = (type) => [0, 0, 1, 0x00, 0, type << 3, 0xff, 0xf8];
const INTRA = [...SEQUENCE, ...GROUP, ...header(1), ...SLICE];
const PREDICTED = [...header(2), ...SLICE, ...SLICE];

const split = (splitter, ...parts) => splitter.split(new Uint8Array(parts.flat()));
const found = (pictures) => pictures.map(({bytes, intra}) => [intra ? 'I' : 'P', [...bytes]]);

test('Message_OfOnePicture_IsThatPicture', () => {
  const splitter = new PictureSplitter();
  assert.deepEqual(found(split(splitter, INTRA)), [['I', INTRA]]);
  assert.deepEqual(found(split(splitter, PREDICTED)), [['P', PREDICTED]]);
});

test('Message_OfSeveralPictures_GivesEach', () => {
  const pictures = split(new PictureSplitter(), PREDICTED, INTRA, PREDICTED);
  assert.deepEqual(found(pictures), [['P', PREDICTED], ['I', INTRA], ['P', PREDICTED]]);
});

test('Message_EndingInTheNextPicturesStartCode_KeepsItForTheNext', () => {
  const splitter = new PictureSplitter();
  const startCode = PREDICTED.slice(0, 4);
  assert.deepEqual(found(split(splitter, INTRA, startCode)), [['I', INTRA]]);
  assert.deepEqual(found(split(splitter, PREDICTED.slice(4), startCode)), [['P', PREDICTED]]);
});

test('Message_EndingInTheNextPicturesHeaders_KeepsThem', () => {
  const splitter = new PictureSplitter();
  const headers = [...SEQUENCE, ...GROUP, 0, 0, 1, 0x00];
  assert.deepEqual(found(split(splitter, PREDICTED, headers)), [['P', PREDICTED]]);
  assert.deepEqual(found(split(splitter, INTRA.slice(headers.length))), [['I', INTRA]]);
});

test('Message_WithEndCodeAndEmptyBPicture_GivesNoPicture', () => {
  const splitter = new PictureSplitter();
  const zeros = new Array(48).fill(0);
  assert.deepEqual(found(split(splitter, END, zeros, header(3), zeros)), []);
  assert.deepEqual(found(split(splitter, PREDICTED)), [['P', PREDICTED]]);
});

test('Message_WithoutStartCode_GivesNothing', () => {
  assert.deepEqual(split(new PictureSplitter(), [1, 1, 0, 1, 0, 0]), []);
  assert.deepEqual(split(new PictureSplitter(), []), []);
});

test('Reset_ForgetsWhatWasKept', () => {
  const splitter = new PictureSplitter();
  split(splitter, INTRA, SEQUENCE);
  splitter.reset();
  assert.deepEqual(found(split(splitter, PREDICTED)), [['P', PREDICTED]]);
});
