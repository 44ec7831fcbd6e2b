// The page behind a reverse proxy that has it under a path of its own: nothing is asked for outside of it.

import {PrefixProxy} from '../lib/prefix_proxy.mjs';
import {expect, needs, test as base} from '../lib/test.mjs';
import {untilPlaying} from '../lib/watch.mjs';

const test = base.extend({
  proxy: async ({target}, use) => {
    needs(target, 'loopback');
    await target.transition('serving');
    const proxy = await PrefixProxy.open(target.httpUrl, '/house/cam/');
    await use(proxy);
    await proxy.close();
  },
});

test('it plays, and asks for nothing outside of the prefix', async ({proxy, page, complaints}) => {
  await page.goto(`${proxy.httpUrl}index.html`);
  await untilPlaying(page);
  await page.keyboard.press('s');
  await expect(page.locator('#value-viewers')).toHaveText('1');
  expect(proxy.outside).toEqual([]);
  expect(new Set(proxy.inside)).toEqual(new Set([...proxy.inside, '/page.js', '/player.js', '/style.css', '/worker.js', '/stream', '/metrics']));
  expect(complaints).toEqual([]);
});

test('it asks there too why no picture comes', async ({proxy, page}) => {
  await page.route('**/stream', (route) => route.abort());
  await page.routeWebSocket(/stream/, (socket) => socket.close({code: 1006})).catch(() => {});
  await page.goto(`${proxy.httpUrl}index.html`);
  await expect.poll(() => proxy.inside).toContain('/healthz');
  expect(proxy.outside).toEqual([]);
});
