// The content of the QR codes on the monitor: a number, and the time of painting.
//
// 26 digits are what fits the smallest QR code (version 1, 21 modules wide) with a quarter of it to
// be corrected (level Q). Works in browsers and in Node.

const MAGIC = '7152'; // no code that hangs on a wall
const NUMBER_DIGITS = 8;
const TIME_DIGITS = 14; // units of 0.1 ms since 1970

/** `number` counts up; `paintedMs` is of the painting page's clock, since 1970. */
export function codeText(number, paintedMs) {
  const pad = (value, digits) => String(value).padStart(digits, '0');
  return MAGIC + pad(number % 10 ** NUMBER_DIGITS, NUMBER_DIGITS) + pad(Math.round(paintedMs * 10), TIME_DIGITS);
}

/** {number, paintedMs}; null for any other code. */
export function parseCode(text) {
  const match = new RegExp(`^${MAGIC}(\\d{${NUMBER_DIGITS}})(\\d{${TIME_DIGITS}})$`).exec(text);
  return match && {number: Number(match[1]), paintedMs: Number(match[2]) / 10};
}
