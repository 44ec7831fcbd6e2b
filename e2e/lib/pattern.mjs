// What the simulated camera shows besides its stamp: sim/pattern.h.

import {stampArea} from './stamp.mjs';

/** Colours of the bars, left to right, as Y, Cb, Cr of BT.601, limited range. */
const BARS = [
  [180, 128, 128],
  [162, 44, 142],
  [131, 156, 44],
  [112, 72, 58],
  [84, 184, 198],
  [65, 100, 212],
  [35, 212, 114],
  [16, 128, 128],
];

/** For each bar, a point in its middle and the colour that is to be seen there. */
export function barsOf({width, height}) {
  const top = stampArea(width, height).height;
  const bottom = top + (height - top) * 2 / 5;
  return BARS.map((bar, index) => ({
                    x: Math.round(width * (index + 0.5) / BARS.length),
                    y: Math.round((top + bottom) / 2),
                    rgb: rgbOf(bar),
                  }));
}

// ITU-R BT.601.
function rgbOf([y, cb, cr]) {
  const luma = 255 / 219 * (y - 16);
  const blue = 255 / 224 * (cb - 128);
  const red = 255 / 224 * (cr - 128);
  return [luma + 1.402 * red, luma - 0.344136 * blue - 0.714136 * red, luma + 1.772 * blue].map(
      (value) => Math.min(255, Math.max(0, Math.round(value))));
}
