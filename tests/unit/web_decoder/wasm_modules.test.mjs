// The decoder's two modules as the browser gets them. Correct decoding is tested on the host, from the same
// source; here: that they are alike, small, and need nothing.

import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import test from 'node:test';
import {gzipSync} from 'node:zlib';

const MAX_GZIPPED_SIZE = 16 * 1024;
const PICTURE = 0;
const NOTHING = 1;
const DAMAGED = 4;
const NEEDS_MEMORY = 5;

const wasm = {
  simd: readFileSync(process.env.DECODER),
  scalar: readFileSync(process.env.SCALAR),
};
const streams = process.env.STREAMS.split(' ');

async function open(bytes) {
  return (await WebAssembly.instantiate(bytes)).instance.exports;
}

// Feeds the stream to the decoder, as many bytes as its input holds. Returns pictures as [status, RGBA], the
// latter empty if there is none.
function decodeAll(d, stream) {
  const results = [];
  const size = Math.min(stream.length, d.decoder_input_capacity());
  new Uint8Array(d.memory.buffer, d.decoder_input(), size).set(stream.subarray(0, size));
  for (let position = 0; position < size; position = d.decoder_position()) {
    const status = d.decoder_decode(position, size);
    if (status === NEEDS_MEMORY) {
      if (!d.decoder_reserve(d.decoder_announced_width(), d.decoder_announced_height())) break;
      return [...results, ...decodeAll(d, stream.subarray(position))];
    }
    const shown = status === PICTURE;
    const length = shown ? 4 * d.decoder_width() * d.decoder_height() : 0;
    const rgba = new Uint8Array(d.memory.buffer, shown ? d.decoder_convert() : 0, length);
    results.push([status, Buffer.from(rgba)]);
  }
  return results;
}

for (const [name, bytes] of Object.entries(wasm)) {
  test(`${name}: at most 16 KB gzipped`, () => {
    assert.ok(gzipSync(bytes, {level: 9}).length <= MAX_GZIPPED_SIZE);
  });

  test(`${name}: imports nothing`, () => {
    assert.deepEqual(WebAssembly.Module.imports(new WebAssembly.Module(bytes)), []);
  });

  test(`${name}: before all, decodes nothing and shows nothing`, async () => {
    const d = await open(bytes);
    assert.equal(d.decoder_decode(0, 0), NOTHING);
    assert.equal(d.decoder_decode(0, 1), DAMAGED);
    assert.equal(d.decoder_convert(), 0);
    assert.equal(d.decoder_width(), 0);
  });

  test(`${name}: reserves no size that cannot be`, async () => {
    const d = await open(bytes);
    for (const [width, height] of [[0, 16], [16, -1], [5000, 16], [16, 5000]]) {
      assert.equal(d.decoder_reserve(width, height), 0);
    }
    assert.equal(d.decoder_reserve(1920, 1088), 1);
    const before = d.memory.buffer.byteLength;
    assert.equal(d.decoder_reserve(640, 480), 1);
    assert.equal(d.memory.buffer.byteLength, before);
  });

  test(`${name}: survives damaged streams`, async () => {
    const d = await open(bytes);
    d.decoder_reserve(64, 64);
    let state = 1;
    const random = (below) => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    for (const path of streams) {
      const stream = readFileSync(path);
      for (let round = 0; round < 100; ++round) {
        const damaged = Buffer.from(stream);
        // After the size, because larger pictures would only take longer.
        for (let i = 0; i < 3; ++i) damaged[12 + random(stream.length - 12)] = random(256);
        decodeAll(d, damaged);
      }
      const [status] = decodeAll(d, stream)[0];
      assert.equal(status, PICTURE);
    }
  });
}

test('SIMD and scalar give the same pictures', async () => {
  let pictures = 0;
  for (const path of streams) {
    const stream = readFileSync(path);
    const [simd, scalar] = await Promise.all(Object.values(wasm).map(open));
    simd.decoder_reserve(16, 16);
    scalar.decoder_reserve(16, 16);
    const results = decodeAll(simd, stream);
    assert.deepEqual(results, decodeAll(scalar, stream), path);
    pictures += results.filter(([status]) => status === PICTURE).length;
  }
  assert.ok(pictures >= 20, `${pictures} pictures`);
});
