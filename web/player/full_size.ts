// The size of a stream of which a thin line gets smaller pictures.

import type {Size} from './protocol.js';

// A size that was halved twice is rounded.
const ROUNDING = 2;

/**
 * The size that a picture of this `size` is laid out in, where those before had `full`: the larger one, if
 * both have the same shape; else it is another picture.
 */
export function fullSize(full: Size | undefined, size: Size): Size {
  if (full === undefined) {
    return size;
  }
  const [small, large] = size.width < full.width ? [size, full] : [full, size];
  const height = large.height * small.width / large.width;
  return Math.abs(height - small.height) <= ROUNDING ? large : size;
}
