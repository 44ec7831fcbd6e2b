// What a contender's page has recorded.

import {offsetToMonotonic} from '../lib/clocks.mjs';

/** The page's list `shown`, with `drawnMs` in milliseconds of CLOCK_MONOTONIC. */
export async function shownBy(page) {
  const {offsetMs} = await offsetToMonotonic(page);
  const shown = await page.evaluate(() => globalThis.shown);
  return shown.map(({drawnMs, ...others}) => ({drawnMs: drawnMs + offsetMs, ...others}));
}
