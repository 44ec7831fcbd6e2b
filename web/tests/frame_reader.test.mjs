import assert from 'node:assert/strict';
import {test} from 'node:test';
import {FrameReader} from '../player/frame_reader.ts';
import {binary, closing, frameOf, joined, text} from './frames.mjs';

const SIZES = [0, 1, 125, 126, 127, 65_535, 65_536];

test('FramesOfAllSizes_AreRead', () => {
  const payloads = SIZES.map((size) => new Uint8Array(size).fill(size));
  const frames = new FrameReader().add(joined(...payloads.map((payload) => frameOf(2, payload))));
  assert.deepEqual(frames, payloads.map((payload) => ({opcode: 2, payload})));
});

test('FramesCutAnywhere_AreTheSame', () => {
  const bytes = joined(binary(1, 2, 3), text('{}'), frameOf(9, ''), frameOf(2, new Uint8Array(300)), closing(1001));
  const expected = new FrameReader().add(bytes);
  assert.deepEqual(expected.map(({opcode}) => opcode), [2, 1, 9, 2, 8]);
  for (let cut = 0; cut <= bytes.length; ++cut) {
    const reader = new FrameReader();
    assert.deepEqual([...reader.add(bytes.subarray(0, cut)), ...reader.add(bytes.subarray(cut))], expected, String(cut));
  }
  const reader = new FrameReader();
  assert.deepEqual([...bytes].flatMap((byte) => reader.add(Uint8Array.of(byte))), expected);
});

test('FrameInOnePiece_IsNotCopied', () => {
  const piece = binary(1, 2, 3);
  const [{payload}] = new FrameReader().add(piece);
  assert.equal(payload.buffer, piece.buffer);
});

test('WhatIsNoFrame_Throws', () => {
  const wrong = {
    masked: [0x82, 0x81, 0, 0, 0, 0, 1],
    fragment: [0x02, 1, 1],
    continuation: [0x80, 1, 1],
    compressed: [0xc2, 1, 1],
    page: [...new TextEncoder().encode('<!doctype html>')],
    'too large': [0x82, 127, 0, 0, 0, 1, 0, 0, 0, 0],
  };
  for (const [name, bytes] of Object.entries(wrong)) {
    assert.throws(() => new FrameReader().add(Uint8Array.from(bytes)), Error, name);
  }
});
