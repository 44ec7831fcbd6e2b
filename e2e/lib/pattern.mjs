// The pictures of software cameras.

import {execFile} from 'node:child_process';
import {promisify} from 'node:util';
import {stampArea} from './stamp.mjs';

/** Of //sim:frames, numbered from 0. libcamera's virtual camera shows each of them this many times. */
export const FILES = {count: 24, repeats: 4};

/** sim/pattern.h: colours of the bars, left to right, as Y, Cb, Cr of BT.601, limited range. */
const SIMULATED = [
  [180, 128, 128],
  [162, 44, 142],
  [131, 156, 44],
  [112, 72, 58],
  [84, 184, 198],
  [65, 100, 212],
  [35, 212, 114],
  [16, 128, 128],
].map(rgbOf);

/** The first pattern of the kernel's test pattern generator, as R, G, B. */
const KERNEL = [
  [191, 191, 191],
  [191, 191, 0],
  [0, 191, 191],
  [0, 191, 0],
  [191, 0, 191],
  [191, 0, 0],
  [0, 0, 191],
  [0, 0, 0],
];

/** For each bar, a point in its middle and the expected colour. */
export const barsOf = (size) => placed(SIMULATED, size);
export const kernelBarsOf = (size) => placed(KERNEL, size);

function placed(colours, {width, height}) {
  const top = stampArea(width, height).height;
  const bottom = top + (height - top) * 2 / 5;
  return colours.map((rgb, index, {length}) => ({
                       x: Math.round(width * (index + 0.5) / length),
                       y: Math.round((top + bottom) / 2),
                       rgb,
                     }));
}

/** The camera's frame with that number and capture time: {width, height, pixels (RGBA)}. */
export async function paintedFrame({width, height}, sequence, capturedNs) {
  const {stdout: planes} = await promisify(execFile)(
      process.env.PAINT, [`${width}x${height}`, String(sequence), String(capturedNs)],
      {encoding: 'buffer', maxBuffer: 64 << 20});
  const luma = width * height;
  const pixels = new Uint8ClampedArray(4 * luma);
  for (let y = 0, at = 0; y < height; ++y) {
    for (let x = 0; x < width; ++x, ++at) {
      const chroma = luma + (y >> 1) * (width >> 1) + (x >> 1);
      pixels.set(rgbOf([planes[at], planes[chroma], planes[chroma + luma / 4]]), 4 * at);
      pixels[4 * at + 3] = 255;
    }
  }
  return {width, height, pixels};
}

/** Compares two pictures of one size: {psnr} in dB, and the `difference`, amplified by four. */
export function compare(shown, expected) {
  const pixels = new Uint8ClampedArray(expected.pixels.length);
  let squares = 0;
  for (let at = 0; at < pixels.length; ++at) {
    const error = shown.pixels[at] - expected.pixels[at];
    squares += error * error;
    pixels[at] = Math.abs(4 * error);
  }
  const psnr = 10 * Math.log10(255 ** 2 / (squares / (pixels.length * 3 / 4)));
  return {psnr, difference: {...expected, pixels}};
}

// ITU-R BT.601.
function rgbOf([y, cb, cr]) {
  const luma = 255 / 219 * (y - 16);
  const blue = 255 / 224 * (cb - 128);
  const red = 255 / 224 * (cr - 128);
  return [luma + 1.402 * red, luma - 0.344136 * blue - 0.714136 * red, luma + 1.772 * blue].map(
      (value) => Math.min(255, Math.max(0, Math.round(value))));
}
