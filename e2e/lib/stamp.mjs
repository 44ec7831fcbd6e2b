// Reads the stamp of sim/stamp.h from a picture: frame number and capture time.
//
//   const context = canvas.getContext('2d');
//   const area = stampArea(canvas.width, canvas.height);
//   const stamp = readStamp(context.getImageData(0, 0, area.width, area.height),
//                           canvas.width, canvas.height);
//
// Works in browsers and in Node; uses the picture's size, not that of the element on the page.

const CELL = 16; // pixels of the camera's picture
const MARGIN = 1 / 4; // of a cell: the edges of a cell take ringing from its neighbours
const BITS = 64;
const MAXIMUM_CELLS_PER_ROW = 32;
// Half-way between black and white, close enough for both limited (16, 235) and full range (0, 255).
const THRESHOLD = 126;

/** The layout of the cells: {cellsPerRow, rows}; null if the picture is too small for a stamp. */
export function stampLayout(width, height) {
  const cellsPerRow = Math.min(Math.floor(width / CELL), MAXIMUM_CELLS_PER_ROW);
  const rows = Math.ceil(BITS / cellsPerRow);
  return cellsPerRow > 0 && rows <= Math.floor(height / CELL) ? {cellsPerRow, rows} : null;
}

/** The pixels from the picture's top left that readStamp needs: {width, height}, or null. */
export function stampArea(width, height) {
  const layout = stampLayout(width, height);
  return layout && {width: layout.cellsPerRow * CELL, height: layout.rows * CELL};
}

/** CRC-16, polynomial 0x1021, initial value 0x5049, most significant bit first. */
function checksum(bytes) {
  let crc = 0x5049;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; ++bit) {
      crc = ((crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0)) & 0xffff;
    }
  }
  return crc;
}

/** The mean of `lumaAt` over the middle of the cell whose top left is at (left, top), `cell` pixels wide. */
function meanOfCell(lumaAt, left, top, cell) {
  const margin = MARGIN * cell;
  let sum = 0;
  let count = 0;
  for (let y = Math.ceil(top + margin); y < top + cell - margin; ++y) {
    for (let x = Math.ceil(left + margin); x < left + cell - margin; ++x) {
      sum += lumaAt(x, y);
      count += 1;
    }
  }
  return sum / count;
}

/**
 * The stamp whose cells `lumaAt(x, y)` shows: {frame, capture10us}, or null if there is none or it
 * is damaged. `frame` is modulo 2^16; `capture10us` is in units of 10 us of the server's steady
 * clock, modulo 2^32. `width` and `height` are the camera's; `scale`: by which the picture is smaller,
 * 0.5 for half the width.
 */
export function readStampBy(lumaAt, width, height, scale = 1) {
  const layout = stampLayout(width, height);
  if (!layout) {
    return null;
  }
  const bytes = new Uint8Array(BITS / 8);
  for (let bit = 0; bit < BITS; ++bit) {
    const left = (bit % layout.cellsPerRow) * CELL * scale;
    const top = Math.floor(bit / layout.cellsPerRow) * CELL * scale;
    if (meanOfCell(lumaAt, left, top, CELL * scale) > THRESHOLD) {
      bytes[bit >> 3] |= 0x80 >> (bit & 7);
    }
  }
  const view = new DataView(bytes.buffer);
  if (checksum(bytes.subarray(0, 6)) !== view.getUint16(6)) {
    return null;
  }
  return {frame: view.getUint16(0), capture10us: view.getUint32(2)};
}

/**
 * From RGBA pixels ({data, width}: an ImageData that begins at the picture's top left and holds at
 * least stampArea, scaled). `width`, `height` and `scale` as for readStampBy.
 */
export function readStamp(image, width, height, scale = 1) {
  const {data, width: rowPixels} = image;
  // The stamp is grey: green alone is its luma.
  return readStampBy((x, y) => data[(y * rowPixels + x) * 4 + 1], width, height, scale);
}

/** From a plane of luma bytes, rows `stride` bytes apart. */
export function readStampFromLuma(luma, stride, width, height) {
  return readStampBy((x, y) => luma[y * stride + x], width, height);
}

/**
 * Milliseconds from a capture to `nowMs`, a time on the same steady clock (in a browser: its own
 * clock plus the measured offset), modulo the stamp's 32 bits: correct up to +-5.9 hours.
 */
export function millisecondsSince(capture10us, nowMs) {
  const units = nowMs * 100;
  const wrapped = units - capture10us - Math.round((units - capture10us) / 2 ** 32) * 2 ** 32;
  return wrapped / 100;
}
