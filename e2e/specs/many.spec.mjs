// Many pages in one browser on one machine: the server's pictures reach all of them.

import {distribution} from '../lib/clocks.mjs';
import {readMetrics} from '../lib/metrics.mjs';
import {expect, keepJson, needs, test} from '../lib/test.mjs';
import {gapsOf, totals, untilPlaying, untilReceived, watchCanvas} from '../lib/watch.mjs';

const PAGES = {chromium: 24, firefox: 16};
const PICTURES = 240;

test('every page receives every picture', async ({target, browser, browserName}) => {
  needs(target, 'stamp');
  // Each page takes seconds to open beside the others on a small machine.
  test.setTimeout(600_000);
  await target.transition('serving');
  const context = await browser.newContext({viewport: {width: 320, height: 240}});
  const pages = [];
  for (let index = 0; index < PAGES[browserName]; ++index) {
    const page = await context.newPage();
    await page.goto(target.httpUrl);
    await untilPlaying(page);
    pages.push(page);
  }
  const before = await Promise.all(pages.map(totals));
  await Promise.all(pages.map(watchCanvas));
  await Promise.all(pages.map(
      (page, index) => untilReceived(page, before[index].received + PICTURES, {timeout: 300_000})));
  const after = await Promise.all(pages.map(totals));
  const seen = await Promise.all(pages.map((page) => page.evaluate(() => globalThis.seen)));

  const grown = (name) => after.map((total, index) => total[name] - before[index][name]);
  const [received, decoded, shown] = ['received', 'decoded', 'shown'].map(grown);
  const shares = (list) => distribution(list.map((count, index) => count / received[index]));
  // How many can be shown is the machine's affair; the share is the figure to look at.
  const report = {
    pages: pages.length,
    decodedShare: shares(decoded),
    shownShare: shares(shown),
    delayMs: distribution(seen.flat().map(({delayMs}) => delayMs).filter((each) => each !== undefined)),
  };
  await keepJson('many.json', {...report, received, decoded, shown});
  console.log(JSON.stringify(report));
  for (const [index, total] of after.entries()) {
    expect(total).toMatchObject({connections: 1, damaged: 0});
    expect(Math.min(...gapsOf(seen[index].map(({frame}) => frame)))).toBeGreaterThanOrEqual(0);
  }
  const metrics = await readMetrics(target.httpUrl);
  expect(metrics.pistream_pictures_dropped_behind_total).toBe(0);
  expect(metrics.pistream_viewers).toBe(pages.length);
  await context.close();
});
