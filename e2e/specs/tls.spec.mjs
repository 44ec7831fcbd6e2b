// TLS with a certificate that the server has made for itself, which a person has accepted.

import {mkdtemp, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {expect, needs, test} from '../lib/test.mjs';
import {untilPlaying, untilReceived} from '../lib/watch.mjs';

// As a browser's exception for the certificate.
test.use({ignoreHTTPSErrors: true});

async function serve(target) {
  needs(target, 'options');
  const directory = await mkdtemp(path.join(tmpdir(), 'tls-'));
  process.env.STATE_DIRECTORY = directory;
  const config = path.join(directory, 'pistream.toml');
  await writeFile(config, 'source = "simulated"\n[tls]\ncertificate = "self"\n');
  await target.transition('serving', {config});
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
