// Many pages in one browser on one machine: all that the server sends reaches them. The browser may be too
// slow for all of them: the server then sends a page fewer pictures, as it does on a slow line.

import {distribution} from '../lib/clocks.mjs';
import {readMetrics} from '../lib/metrics.mjs';
import {expect, keepJson, needs, test} from '../lib/test.mjs';
import {gapsOf, totals, untilPlaying, untilReceived, watchCanvas} from '../lib/watch.mjs';

const PAGES = 12;
const PICTURES = 240;

test('every page receives all that it is sent', async ({target, browser}) => {
  needs(target, 'stamp');
  // Each page takes seconds to open beside the others on a small machine.
  test.setTimeout(600_000);
  await target.transition('serving');
  const context = await browser.newContext({viewport: {width: 320, height: 240}});
  const pages = [];
  for (let index = 0; index < PAGES; ++index) {
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
  const {pistream_pictures_dropped_behind_total: notSent} = await readMetrics(target.httpUrl);
  const report = {
    notSent,
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
  const receivedByAll = async () => (await Promise.all(pages.map(totals)))
      .reduce((sum, total) => sum + total.received, 0);
  const {pistream_pictures_sent_total: sent, pistream_viewers: viewers} = await readMetrics(target.httpUrl);
  expect(viewers).toBe(pages.length);
  await expect.poll(receivedByAll, {timeout: 60_000}).toBeGreaterThanOrEqual(sent);
  const receivedInEnd = await receivedByAll();
  expect(receivedInEnd).toBeLessThanOrEqual((await readMetrics(target.httpUrl)).pistream_pictures_sent_total);
  await context.close();
});
