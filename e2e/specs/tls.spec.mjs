// TLS with a certificate that the server has made for itself, which a person has accepted.

import {mkdtemp, readFile, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {expect, needs, test} from '../lib/test.mjs';
import {makeTokens, VIEW} from '../lib/tokens.mjs';
import {seenAtLeast, untilPlaying, untilReceived, watchScreen} from '../lib/watch.mjs';

// As a browser's exception for the certificate.
test.use({ignoreHTTPSErrors: true});

async function serve(target, options = {}, plain = 'redirect') {
  needs(target, 'options');
  const directory = await mkdtemp(path.join(tmpdir(), 'tls-'));
  process.env.STATE_DIRECTORY = directory;
  const config = path.join(directory, 'pistream.toml');
  await writeFile(config, 'source = "simulated"\n[tls]\ncertificate = "self"\n' + `plain = "${plain}"\n`);
  await target.transition('serving', {config, ...options});
  expect(new URL(target.httpUrl).protocol).toBe('https:');
}

for (const transport of ['websocket', 'http']) {
  test(`the page plays over TLS by ${transport}`, async ({target, page, complaints}) => {
    await serve(target);
    await page.goto(new URL(`index.html?transport=${transport}`, target.httpUrl).href);
    await untilPlaying(page);
    await untilReceived(page, 48);
    expect(complaints).toEqual([]);
  });
}

test('who asks without TLS is led to it', async ({target, page}) => {
  await serve(target);
  await page.goto(target.httpUrl.replace('https', 'http'));
  await untilPlaying(page);
  expect(new URL(page.url()).origin).toBe(new URL(target.httpUrl).origin);
});

test('a page made for pistreaming is shown after the log-in, and plays by wss with its session', async ({target, page}) => {
  needs(target, 'stamp');
  const webRoot = await mkdtemp(path.join(tmpdir(), 'web-root-'));
  const own = await readFile('pages/drop-in/index.html', 'utf8');
  await writeFile(path.join(webRoot, 'index.html'), own.replace('ws://', 'wss://'));
  await serve(target, {webRoot, authTokens: await makeTokens()});
  await page.goto(target.httpUrl);
  await page.getByLabel('Token').fill(VIEW);
  await page.getByRole('button', {name: 'Log in'}).click();
  await expect(page).toHaveTitle('pistreaming');
  expect(await page.evaluate(() => client.url)).toMatch(/^wss:/);
  await watchScreen(page, {width: 640, height: 480}, () => document.getElementById('videoCanvas'));
  await seenAtLeast(page, 24, 'presented');
});

test.describe('without an exception for the certificate', () => {
  test.use({ignoreHTTPSErrors: false});

  test('an element says that the browser does not know it, and where to accept it', async ({target, page, browserName}) => {
    await serve(target, {}, 'serve');
    const {host} = new URL(target.httpUrl);
    await page.goto(`http://${host}/healthz`);
    await page.evaluate(async (src) => {
      await import(new URL('player.js', location));
      document.body.append(Object.assign(document.createElement('pistream-video'), {src}));
    }, `wss://${host}/stream`);
    await expect(page.getByRole('status')).toContainText(
        browserName === 'firefox' ? /^This browser does not know the certificate/ : /cannot be reached.* does not know its certificate/);
    await expect(page.getByRole('link')).toHaveAttribute('href', `https://${host}/`);
  });
});
