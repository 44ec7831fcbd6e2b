// The page through a reverse proxy that serves it below a path: it requests nothing outside that path, and
// explains what the proxy refuses.

import {PrefixProxy} from '../lib/prefix_proxy.mjs';
import {expect, needs, test as base} from '../lib/test.mjs';
import {untilPlaying} from '../lib/watch.mjs';

const test = base.extend({
  dashboard: async ({target}, use) => {
    needs(target, 'loopback');
    await target.transition('serving');
    const dashboard = await PrefixProxy.open(target.httpUrl, '/house/cam/');
    await use(dashboard);
    await dashboard.close();
  },
});

test('it plays, and asks for nothing outside of the prefix', async ({dashboard, page, browserName, complaints}) => {
  await page.goto(`${dashboard.httpUrl}index.html`);
  await untilPlaying(page);
  await page.keyboard.press('s');
  await expect(page.locator('#value-viewers')).toHaveText('1');
  expect(dashboard.outside).toEqual([]);
  expect(dashboard.inside).toEqual(expect.arrayContaining([
    '/page.js', '/player.js', '/style.css', '/worker.js', '/metrics', '/api/v1/streams',
    browserName === 'firefox' ? '/stream.v1' : '/stream',
  ]));
  expect(complaints).toEqual([]);
});

test('an address with a user name and password plays, and shows figures', async ({dashboard, page}) => {
  const address = new URL(`${dashboard.httpUrl}index.html`);
  Object.assign(address, {username: 'user', password: 'secret'});
  await page.goto(address.href);
  await untilPlaying(page);
  await page.keyboard.press('s');
  await expect(page.locator('#value-viewers')).toHaveText('1');
  expect(dashboard.outside).toEqual([]);
});

for (const [what, health, title] of [
  ['asks for a login', {status: 401, text: 'Unauthorized'}, 'Log in'],
  ['refuses its origin', {status: 403, text: 'Pages of cam.example may not watch.'}, 'Pages of cam.example may not watch.'],
  ['has no camera', {status: 503, text: 'the camera was lost: unplugged'}, 'the camera was lost: unplugged'],
  ['loses the upgrade', {status: 200, text: 'ok'}, 'neither WebSocket connections nor the stream over HTTP get through'],
]) {
  test(`a page that cannot connect says why: the server ${what}`, async ({dashboard, page}) => {
    dashboard.refusal = {status: health.status === 200 ? 400 : health.status, text: 'refused'};
    for (const address of ['healthz', 'streams/camera/healthz']) {
      dashboard.replacements[address] = health;
    }
    await page.goto(`${dashboard.httpUrl}index.html`);
    await expect(page.getByRole('status')).toContainText('Cannot connect');
    await expect(page.getByRole('status')).toContainText(title);
    expect(dashboard.outside).toEqual([]);
    dashboard.refusal = undefined;
    await untilPlaying(page);
  });
}
