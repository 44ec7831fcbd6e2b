// Writes PNG (ISO/IEC 15948): enough for pictures in a report.

import {deflateSync} from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
// Eight bits a channel, RGB, and nothing unusual.
const FORMAT = [8, 2, 0, 0, 0];

// CRC-32 (annex D), a byte at a time.
const CRCS = Uint32Array.from({length: 256}, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; ++bit) {
    crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1;
  }
  return crc;
});

function crcOf(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc = CRCS[(crc ^ byte) & 0xff] ^ (crc >>> 8);
  }
  return ~crc >>> 0;
}

/** `pixels`: RGBA, of which A is left out. */
export function encodePng({width, height, pixels}) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set(FORMAT, 8);
  // Each row begins with its filter: none.
  const rows = Buffer.alloc((3 * width + 1) * height);
  for (let y = 0, to = 0, from = 0; y < height; ++y) {
    rows[to++] = 0;
    for (let x = 0; x < width; ++x, from += 4) {
      rows[to++] = pixels[from];
      rows[to++] = pixels[from + 1];
      rows[to++] = pixels[from + 2];
    }
  }
  return Buffer.concat([
    SIGNATURE, chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type, contents) {
  const body = Buffer.concat([Buffer.from(type), contents]);
  const frame = Buffer.alloc(8 + body.length);
  frame.writeUInt32BE(contents.length, 0);
  frame.set(body, 4);
  frame.writeUInt32BE(crcOf(body), 4 + body.length);
  return frame;
}
