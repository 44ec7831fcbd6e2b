// The page when the server stops and returns.

import {expect, keep, needs, test} from '../lib/test.mjs';
import {pictureSize, totals, untilPlaying} from '../lib/watch.mjs';

for (const [how, end] of [
  ['stopped', (target) => target.transition('booted')],
  ['cut off', (target) => target.cutPower()],
]) {
  test(`a server that was ${how} and is back in another size is found again`, async ({target, page}) => {
    needs(target, 'options');
    await target.transition('serving');
    const {port} = new URL(target.httpUrl);
    await page.goto(target.httpUrl);
    await untilPlaying(page);
    await end(target);
    await expect(page.getByRole('status')).toContainText('Connection lost');
    await keep(`page-lost-${how.replace(' ', '-')}.png`, await page.screenshot());
    await target.transition('serving', {port, size: '320x240'});
    await untilPlaying(page);
    await expect.poll(() => pictureSize(page)).toEqual({width: 320, height: 240});
    await expect.poll(async () => (await totals(page)).connections).toBe(2);
  });
}
