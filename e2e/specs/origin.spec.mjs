// Which pages may watch.

import {once} from 'node:events';
import {createServer} from 'node:http';
import {expect, needs, shows, test} from '../lib/test.mjs';
import {Viewer} from '../lib/viewer.mjs';

// A page on another host, with a copy of the player: for a browser, localhost and 127.0.0.1 are different hosts.
const other = test.extend({
  site: async ({target}, use) => {
    const server = createServer(async ({url}, response) => {
      if (url === '/') {
        response.setHeader('content-type', 'text/html');
        response.end('<!DOCTYPE html><title>another site</title>');
        return;
      }
      const copy = await fetch(new URL(url, target.httpUrl));
      response.writeHead(copy.status, {'content-type': copy.headers.get('content-type')});
      response.end(Buffer.from(await copy.arrayBuffer()));
    });
    server.listen(0);
    await once(server, 'listening');
    await use((host) => `http://${host}:${server.address().port}`);
    server.closeAllConnections();
    server.close();
  },
});

const addVideo = (page, src) => page.evaluate(async (address) => {
  await import(new URL('player.js', location));
  const video = document.createElement('pistream-video');
  video.src = address;
  document.body.append(video);
}, src);

const tryToWatch = (page, target) => page.evaluate((url) => new Promise((resolve) => {
  const socket = new WebSocket(url);
  socket.onopen = () => resolve('watching');
  socket.onerror = () => resolve('refused');
}), target.httpUrl.replace('http', 'ws') + 'stream');

other('a page of another host is refused', async ({target, page, site}) => {
  await target.transition('serving');
  await page.goto(site('localhost'));
  expect(await tryToWatch(page, target)).toBe('refused');
});

other('a page of another host reads nothing, and the log says how it could', async ({target, page, site}) => {
  await target.transition('serving');
  await page.goto(site('localhost'));
  const attempts = await page.evaluate(async (server) => {
    const outcome = (promise) => promise.then(() => 'read', () => 'refused');
    const loaded = (element, address) => outcome(new Promise((resolve, reject) => {
      Object.assign(element, {src: address, onload: resolve, onerror: reject});
      document.body.append(element);
    }));
    const results = {};
    for (const name of ['index.html', 'healthz', 'api/v1/streams', 'session', 'stream', 'stream.v1']) {
      results[name] = await outcome(fetch(server + name));
      results[`${name}, opaque`] = await outcome(fetch(server + name, {mode: 'no-cors'}));
    }
    results.message = await outcome(fetch(`${server}session`, {method: 'POST', body: 'token'}));
    results.image = await loaded(new Image(), `${server}favicon.svg`);
    results.script = await outcome(import(`${server}player.js`));
    const frame = document.createElement('iframe');
    await loaded(frame, `${server}index.html`);
    results.frame = frame.contentDocument === null ? 'refused' : 'read';
    return results;
  }, target.httpUrl);
  expect(Object.entries(attempts).filter(([, result]) => result !== 'refused')).toEqual([]);
  await expect(page.frameLocator('iframe').locator('pistream-video')).toHaveCount(0);
  if (shows(target, 'log', 'that the log names the option')) {
    const host = new URL(target.httpUrl).host;
    await expect.poll(() => target.log()).toContain(`to a page of another host (origin '${site('localhost')}', ` +
        `host '${host}'): --allow-origin ${site('localhost')} would let it watch`);
  }
});

other('an element in a page that is refused names the option', async ({target, page, site}) => {
  await target.transition('serving');
  await page.goto(site('localhost'));
  await addVideo(page, `${target.httpUrl}stream`);
  await expect(page.getByRole('status')).toContainText(`${new URL(target.httpUrl).host} cannot be reached, or does not let`);
  await expect(page.getByRole('status')).toContainText(`--allow-origin ${site('localhost')},`);
});

other('a page of the internet is let into the local network by its user', async ({target, site, playwright, browserName}) => {
  needs(target, 'loopback');
  test.skip(browserName === 'firefox', 'its WebSockets need no permission');
  const {port} = new URL(site('localhost'));
  await target.transition('serving', {allowOrigins: [site('localhost')]});
  const {launchOptions} = test.info().project.use;
  const browser = await playwright.chromium.launch({
    ...launchOptions,
    args: [...launchOptions.args, `--ip-address-space-overrides=127.0.0.1:${port}=public,[::1]:${port}=public`],
  });
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(site('localhost'));
  // Without a window, the browser denies where it would ask.
  await addVideo(page, `${target.httpUrl}stream`);
  await expect(page.getByRole('status')).toContainText('Allow it in the settings of this site');
  await context.grantPermissions(['local-network-access']);
  await page.waitForFunction(() => document.querySelector('pistream-video').player.state === 'playing');
  await expect(page.getByRole('status')).toBeHidden();
  await browser.close();
});

test('a name that a stranger gives to the server leads to nothing but how to allow it', async ({target, page, browserName}) => {
  needs(target, 'loopback');
  test.skip(browserName === 'firefox', 'it resolves no made-up names');
  await target.transition('serving');
  const {port} = new URL(target.httpUrl);
  const response = await page.goto(`http://attacker.test:${port}/`);
  expect(response.status()).toBe(421);
  await expect(page.locator('body')).toContainText('This server is not called \'attacker.test\'');
  await expect(page.locator('body')).toContainText('--host-name attacker.test');
  // To the browser, all of this is the page's own server.
  const results = await page.evaluate(async () => {
    const addresses = ['index.html', 'healthz', 'api/v1/streams', 'stream.v1'];
    const statuses = addresses.map(async (name) => (await fetch(name, {headers: {'Pistream-Client': '1'}})).status);
    return Promise.all(statuses);
  });
  expect(results).toEqual([421, 421, 421, 421]);
  expect(await tryToWatch(page, {httpUrl: `http://attacker.test:${port}/`})).toBe('refused');
  expect(target.log()).toContain('refused a request for \'attacker.test\', which is no name of this server: --host-name');
});

other('a page of the same host may watch, whatever its port', async ({target, page, site}) => {
  needs(target, 'loopback');
  await target.transition('serving');
  await page.goto(site('127.0.0.1'));
  expect(await tryToWatch(page, target)).toBe('watching');
});

other('a page of another host that is allowed by name may watch', async ({target, page, site}) => {
  needs(target, 'options');
  await target.transition('serving', {allowOrigins: [site('localhost')]});
  await page.goto(site('localhost'));
  expect(await tryToWatch(page, target)).toBe('watching');
});

test('the refusal is a 403, on every path', async ({target}) => {
  await target.transition('serving');
  const stream = new URL('/stream', target.httpUrl.replace('http', 'ws'));
  for (const url of [stream, new URL('/', stream), target.wsUrl]) {
    await expect(Viewer.connect(url, {origin: 'http://example.org'})).rejects.toThrow('403');
  }
});
