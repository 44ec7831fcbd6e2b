// Pictures a second in Chromium: decode only, and with conversion and drawing to a 2D canvas; against JSMpeg's
// WebAssembly decoder, drawn as its own Canvas2D renderer does it. Medians of alternating runs.
//
//   node chromium_bench.mjs DECODER.wasm SCALAR.wasm JSMPEG.esm.js CLIP.m1v...
//
// playwright-core is looked for from the working directory.

import {readFile} from 'node:fs/promises';
import {createRequire} from 'node:module';
import {basename} from 'node:path';

const {chromium} = createRequire(`${process.cwd()}/`)('playwright-core');

const [simd, scalar, jsmpeg, ...clips] = process.argv.slice(2);
const SECONDS = Number(process.env.SECONDS ?? 0.4);
const RUNS = 5;

async function runInPage({clip, seconds, runs}) {
  const {measure, measureDrawn, median, openJsmpeg, openPistream, splitPictures} =
      await import('/decoders.mjs');
  const bytes = async (path) => new Uint8Array(await (await fetch(path)).arrayBuffer());
  const pictures = splitPictures(await bytes(clip));
  const decoders = {
    simd: await openPistream(await bytes('/simd')),
    scalar: await openPistream(await bytes('/scalar')),
    jsmpeg: await openJsmpeg(await (await fetch('/jsmpeg.mjs')).text()),
  };
  const {Canvas2D} = (await import('/jsmpeg.mjs')).default.Renderer;
  const draws = Object.fromEntries(Object.entries(decoders).map(
      ([name, decoder]) => [name, decoder.drawTo(document.createElement('canvas'), Canvas2D)]));
  const kinds = {
    decode: (name) => measure(decoders[name], pictures, seconds),
    draw: (name) => measureDrawn(decoders[name], draws[name], pictures, seconds),
  };
  const results = {};
  for (const [kind, run] of Object.entries(kinds)) {
    const rates = {simd: [], scalar: [], jsmpeg: []};
    for (const name of Object.keys(rates)) run(name);  // until the engine has optimised it
    for (let i = 0; i < runs; ++i) {
      for (const name of Object.keys(rates)) rates[name].push(run(name));
    }
    results[kind] = Object.fromEntries(
        Object.entries(rates).map(([name, values]) => [name, Math.round(median(values))]));
  }
  return results;
}

const files = {
  '/simd': simd,
  '/scalar': scalar,
  '/jsmpeg.mjs': jsmpeg,
  '/decoders.mjs': new URL('decoders.mjs', import.meta.url),
};
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-dev-shm-usage'],
});
const page = await browser.newPage();
await page.route('**/*', async (route) => {
  const {pathname} = new URL(route.request().url());
  if (pathname === '/') {
    return route.fulfill({contentType: 'text/html', body: '<!doctype html>'});
  }
  const contentType = pathname.endsWith('.mjs') ? 'text/javascript' : 'application/octet-stream';
  return route.fulfill({contentType, body: await readFile(files[pathname] ?? pathname)});
});
await page.goto('http://bench.invalid/');
for (const clip of clips) {
  const results = await page.evaluate(runInPage, {clip, seconds: SECONDS, runs: RUNS});
  for (const [kind, rates] of Object.entries(results)) {
    const ratio = (rates.simd / rates.jsmpeg).toFixed(2);
    console.log(`${basename(clip)}, ${kind}:`, JSON.stringify(rates), `ratio ${ratio}`);
  }
}
await browser.close();
