// Finds pages/at-rest on a screen, and reads what its canvas shows.

import {readStampBy} from './stamp.mjs';

const FRAME = [255, 0, 255];

/** The stamp of the picture within the canvas's frame; null if there is none, undefined without a frame. */
export function stampOnScreen({width, height, data}, size) {
  const isFrame = (x, y) => FRAME.every((value, channel) => Math.abs(data[4 * (y * width + x) + channel] - value) < 8);
  for (let y = 0; y < height; ++y) {
    for (let x = 0; x < width; ++x) {
      if (isFrame(x, y)) {
        while (x < width && y < height && isFrame(x, y)) {
          x += 1;
          y += 1;
        }
        return readStampBy((column, row) => data[4 * ((y + row) * width + x + column) + 1] ?? 0, size.width, size.height);
      }
    }
  }
  return undefined;
}
