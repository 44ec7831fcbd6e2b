// Logging in and out, on a server with tokens.

import {once} from 'node:events';
import {createServer} from 'node:http';
import {readMetrics} from '../lib/metrics.mjs';
import {PrefixProxy} from '../lib/prefix_proxy.mjs';
import {expect, keep, needs, test as base} from '../lib/test.mjs';
import {CONTROL, makeTokens, VIEW} from '../lib/tokens.mjs';
import {untilPlaying} from '../lib/watch.mjs';

const test = base.extend({
  tokens: [async ({}, use) => use(await makeTokens()), {scope: 'worker'}],

  server: async ({target, tokens}, use) => {
    needs(target, 'loopback');
    await target.transition('serving', {authTokens: tokens});
    await use(target);
  },
});

const AS_CONTROL = {authorization: `Bearer ${CONTROL}`};

const field = (page) => page.getByLabel('Token');
const submit = (page) => page.getByRole('button', {name: 'Log in'});

async function logIn(page, url, token = VIEW) {
  await page.goto(`${url}#t=${token}`);
  await untilPlaying(page);
}

const endAllSessions = (target) => fetch(
    new URL('session?everywhere', target.httpUrl), {method: 'DELETE', headers: AS_CONTROL});

test('an address with a token logs in, and does not keep it', async ({server, page, complaints}) => {
  await logIn(page, server.httpUrl);
  const address = `${server.httpUrl}index.html`;
  expect(page.url()).toBe(address);
  await expect(submit(page)).toBeHidden();
  await page.goto(`${address}?again`);
  await untilPlaying(page);
  await page.goBack();
  await untilPlaying(page);
  expect(page.url()).toBe(address);
  expect(complaints.filter((text) => text.includes('Content Security Policy'))).toEqual([]);
});

test('a wrong token in the address leads to the form, which says so', async ({server, page}) => {
  await page.goto(`${server.httpUrl}#t=wrong-token-0123456789`);
  await expect(page.getByRole('alert')).toContainText('This token is wrong.');
  expect(page.url()).not.toContain('wrong');
  await expect(page.locator('pistream-video')).toBeHidden();
});

test('with a session, an address with a token that is wrong by now shows the video', async ({server, page}) => {
  await logIn(page, server.httpUrl);
  await page.goto('about:blank');
  await logIn(page, server.httpUrl, 'wrong-token-0123456789');
  expect(page.url()).toBe(`${server.httpUrl}index.html`);
  await expect(submit(page)).toBeHidden();
});

test('an address to view takes no control away', async ({server, page}) => {
  const roleOf = () => page.evaluate(async () => (await (await fetch('session')).json()).role);
  await logIn(page, server.httpUrl, VIEW);
  expect(await roleOf()).toBe('view');
  for (const token of [CONTROL, VIEW]) {
    await page.goto('about:blank');
    await logIn(page, server.httpUrl, token);
    expect(page.url()).toBe(`${server.httpUrl}index.html`);
    expect(await roleOf()).toBe('control');
  }
});

test('the form logs in by the keyboard, without a reload', async ({server, page}) => {
  await page.goto(server.httpUrl);
  await expect(field(page)).toBeFocused();
  await expect(page).toHaveTitle('Log in – pistream');
  await expect(page.getByRole('toolbar')).toBeHidden();
  await page.evaluate(() => globalThis.sameDocument = true);
  await page.keyboard.type('no spk');  // keys that control the video
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toContainText('This token is wrong.');
  await expect(field(page)).toHaveValue('no spk');
  await page.keyboard.type(VIEW);  // what was wrong is selected
  await page.keyboard.press('Enter');
  await untilPlaying(page);
  expect(await page.evaluate(() => globalThis.sameDocument)).toBe(true);
  await expect(field(page)).toHaveValue('');
});

test('the form fits, also on a phone', async ({server, page}) => {
  await page.goto(server.httpUrl);
  await expect(page.getByText('This live video needs a token.')).toBeVisible();
  await submit(page).click();
  await expect(page.getByRole('alert')).toHaveText('Enter the token.');
  for (const [width, height] of [[1280, 800], [360, 640]]) {
    await page.setViewportSize({width, height});
    const box = await page.locator('#login-form').boundingBox();
    expect(box.x).toBeGreaterThanOrEqual(0);
    expect(box.x + box.width).toBeLessThanOrEqual(width);
    for (const colorScheme of ['dark', 'light']) {
      await page.emulateMedia({colorScheme});
      await keep(`login-${colorScheme}-${width}.png`, await page.screenshot());
    }
  }
});

test('a token that is pasted into the address of an open page logs in', async ({server, page}) => {
  await page.goto(server.httpUrl);
  await expect(field(page)).toBeVisible();
  await page.evaluate((token) => location.hash = `t=${token}`, VIEW);
  await untilPlaying(page);
  expect(page.url()).toBe(`${server.httpUrl}index.html`);
});

test('with a session, HTTP is for the browser in which a WebSocket would wait', async ({server, page, browserName}) => {
  await logIn(page, server.httpUrl);
  const byHttp = async () => {
    const {pistream_viewers: all, pistream_viewers_by_http: http} = await readMetrics(server.httpUrl, AS_CONTROL);
    return {all, http};
  };
  await expect.poll(byHttp).toEqual({all: 1, http: browserName === 'firefox' ? 1 : 0});
});

test('who may only watch is told no secret of the server', async ({server, page, complaints}) => {
  const asked = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await logIn(page, server.httpUrl);
  await page.keyboard.press('s');
  await expect(page.locator('#value-viewers')).toHaveText('1');
  await expect(page.getByText('The token to control shows more.')).toBeVisible();
  await expect(page.locator('#value-coarsened')).toBeHidden();
  expect(asked.filter((name) => name.endsWith('/metrics'))).toEqual([]);
  expect(complaints.filter((text) => text.includes('403'))).toEqual([]);
  const statusOf = (name) => page.evaluate(async (address) => (await fetch(address)).status, name);
  expect([await statusOf('session'), await statusOf('metrics')]).toEqual([200, 403]);
});

for (const transport of ['websocket', 'http']) {
  test(`a session that has ended leads to the form, and from it back, and is no lost connection: ${transport}`, async ({server, page}) => {
    await logIn(page, `${server.httpUrl}index.html?transport=${transport}`);
    await page.evaluate(() => {
      globalThis.states = [];
      document.querySelector('pistream-video').addEventListener('state', ({detail}) => states.push(detail.state));
    });
    expect((await endAllSessions(server)).status).toBe(204);
    await expect(field(page)).toBeFocused();
    await expect(page.locator('pistream-video')).toBeHidden();
    expect(await page.evaluate(() => states)).toEqual(['unauthorized', 'stopped']);
    await page.keyboard.type(VIEW);
    await submit(page).click();
    await untilPlaying(page);
  });
}

test('logging out ends the video, and stays', async ({server, page}) => {
  await logIn(page, server.httpUrl);
  await page.getByRole('button', {name: 'Log out'}).click();
  await expect(page.getByRole('dialog')).toContainText('“Log out” is for this browser.');
  await keep('logout.png', await page.screenshot());
  await page.getByRole('dialog').getByRole('button', {name: 'Cancel'}).click();
  await untilPlaying(page);
  await page.getByRole('button', {name: 'Log out'}).click();
  await page.getByRole('dialog').getByRole('button', {name: 'Log out', exact: true}).click();
  await expect(field(page)).toBeFocused();
  expect(await page.evaluate(() => document.querySelector('pistream-video').player)).toBeUndefined();
  await page.reload();
  await expect(field(page)).toBeVisible();
});

test('logging out everywhere ends the sessions of other browsers', async ({server, page, browser}) => {
  const other = await browser.newContext();
  const otherPage = await other.newPage();
  await logIn(otherPage, server.httpUrl);
  await logIn(page, server.httpUrl);
  await page.getByRole('button', {name: 'Log out'}).click();
  await page.getByRole('dialog').getByRole('button', {name: 'Log out everywhere'}).click();
  await expect(field(page)).toBeVisible();
  await expect(field(otherPage)).toBeVisible();
  await other.close();
});

test('below a prefix and at one stream the session is that of the server', async ({server, page}) => {
  const proxy = await PrefixProxy.open(server.httpUrl, '/house/cam/');
  await logIn(page, `${proxy.httpUrl}streams/camera/index.html`);
  await page.goto(`${proxy.httpUrl}index.html`);
  await untilPlaying(page);
  expect(proxy.outside).toEqual([]);
  await proxy.close();
});

for (const transport of ['websocket', 'http']) {
  test(`an element in another site's page watches with a token in its address: ${transport}`, async ({target, tokens, page}) => {
    needs(target, 'loopback');
    const site = createServer((request, response) => response.end());
    site.listen(0);
    await once(site, 'listening');
    const origin = `http://localhost:${site.address().port}`;
    await target.transition('serving', {authTokens: tokens, allowOrigins: [origin]});
    await page.goto(origin);
    const size = await page.evaluate(async ([server, token, how]) => {
      await import(`${server}player.js`);
      const video = document.createElement('pistream-video');
      video.setAttribute('transport', how);
      video.src = `${server}stream?token=${token}`;
      return new Promise((resolve) => {
        video.addEventListener('resize', ({detail}) => resolve(detail));
        document.body.append(video);
      });
    }, [target.httpUrl, VIEW, transport]);
    expect(size).toEqual({width: 640, height: 480});
    site.close();
    site.closeAllConnections();
  });
}

test('a page in another site\'s frame watches with a token in its address', async ({server, page}) => {
  await page.goto(`${server.httpUrl}index.html?token=${VIEW}`);
  await untilPlaying(page);
  await expect(page.getByRole('button', {name: 'Log out'})).toBeHidden();
});

test('a page with a wrong token to view in its address says so, and the form logs in', async ({server, page}) => {
  await page.goto(`${server.httpUrl}index.html?token=wrong-token-0123456789`);
  await expect(page.getByRole('alert')).toContainText('The token in the address of this page is wrong.');
  await field(page).fill(VIEW);
  await submit(page).click();
  await untilPlaying(page);
});

test('an open server asks nobody, and has nothing to log out of', async ({target, page}) => {
  needs(target, 'loopback');
  await target.transition('serving');
  await page.goto(target.httpUrl);
  await untilPlaying(page);
  await expect(submit(page)).toBeHidden();
  await expect(page.getByRole('button', {name: 'Log out'})).toBeHidden();
});
