// Which pages may watch.

import {once} from 'node:events';
import {createServer} from 'node:http';
import {expect, needs, test} from '../lib/test.mjs';
import {Viewer} from '../lib/viewer.mjs';

// A page on another host: for a browser, localhost and 127.0.0.1 are different hosts.
const other = test.extend({
  site: async ({}, use) => {
    const server = createServer((request, response) => {
      response.setHeader('content-type', 'text/html');
      response.end('<!DOCTYPE html><title>another site</title>');
    });
    server.listen(0);
    await once(server, 'listening');
    await use((host) => `http://${host}:${server.address().port}`);
    server.closeAllConnections();
    server.close();
  },
});

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
