import assert from 'node:assert/strict';
import {test} from 'node:test';
import {readStamp, stampArea} from './stamp.mjs';

// Frame 0x1234 at 0x89abcdef, with its checksum, as sim/stamp.h writes it.
const SIZE = {width: 640, height: 480};
const BITS = bitsOf([0x12, 0x34, 0x89, 0xab, 0xcd, 0xef]);

function bitsOf(bytes) {
  let crc = 0x5049;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; ++bit) {
      crc = ((crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0)) & 0xffff;
    }
  }
  return [...bytes, crc >> 8, crc & 0xff].flatMap((byte) => [...byte.toString(2).padStart(8, '0')].map(Number));
}

/** Cells of the stamp, 16 pixels times `scale`; the outermost pixels of a cell are grey. */
function picture(scale) {
  const area = stampArea(SIZE.width, SIZE.height);
  const [width, height] = [area.width * scale, area.height * scale];
  const cell = 16 * scale;
  const data = new Uint8ClampedArray(4 * width * height);
  for (let y = 0; y < height; ++y) {
    for (let x = 0; x < width; ++x) {
      const bit = BITS[Math.floor(y / cell) * 32 + Math.floor(x / cell)];
      const isEdge = cell > 4 && (x % cell < 1 || x % cell > cell - 2);
      data.fill(isEdge ? 126 : bit === 1 ? 220 : 30, 4 * (y * width + x), 4 * (y * width + x + 1));
    }
  }
  return {data, width};
}

for (const scale of [1, 0.5, 0.25]) {
  test(`a stamp is read at ${scale} of the camera's size`, () => {
    assert.deepEqual(readStamp(picture(scale), SIZE.width, SIZE.height, scale), {frame: 0x1234, capture10us: 0x89abcdef});
  });
}

test('a stamp that is read at the wrong scale is none', () => {
  assert.equal(readStamp(picture(0.5), SIZE.width, SIZE.height), null);
});
