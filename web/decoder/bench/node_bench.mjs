// Decode only, pictures a second, in node (the engine of Chromium): medians of alternating runs.
//
//   node node_bench.mjs SIMD.wasm PLAIN.wasm JSMPEG.esm.js CLIP.m1v...

import {readFile} from 'node:fs/promises';
import {basename} from 'node:path';
import {measure, median, openJsmpeg, openPistream, splitPictures} from './decoders.mjs';

const RUNS = 5;
const SECONDS = Number(process.env.SECONDS ?? 0.4);

const [simd, plain, jsmpeg, ...clips] = process.argv.slice(2);
const script = await readFile(jsmpeg, 'utf8');
const open = {
  simd: async () => openPistream(await readFile(simd)),
  plain: async () => openPistream(await readFile(plain)),
  jsmpeg: async () => openJsmpeg(script),
};

for (const clip of clips) {
  const pictures = splitPictures(new Uint8Array(await readFile(clip)));
  const rates = {simd: [], plain: [], jsmpeg: []};
  const decoders = {};
  for (const name of Object.keys(rates)) {
    decoders[name] = await open[name]();
    measure(decoders[name], pictures, SECONDS);  // until the engine has optimised it
  }
  for (let run = 0; run < RUNS; ++run) {
    for (const name of Object.keys(rates)) {
      rates[name].push(measure(decoders[name], pictures, SECONDS));
    }
  }
  const [fast, slow, other] = Object.values(rates).map(median);
  console.log(`${basename(clip)}: simd ${fast.toFixed(0)}, plain ${slow.toFixed(0)}, ` +
              `jsmpeg ${other.toFixed(0)}, ratio ${(fast / other).toFixed(2)}`);
}
