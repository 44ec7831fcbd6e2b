// Makes docs/screenshot.png: bazel run //e2e:screenshot

import {mkdir} from 'node:fs/promises';
import path from 'node:path';
import {chromium} from '@playwright/test';
import {untilPlaying} from './lib/watch.mjs';
import {createTarget} from './targets/index.mjs';

// Time for the plot to show something.
const WATCH_MS = 20_000;
// The controls appear slowly.
const FADE_MS = 500;

const file = path.join(process.env.BUILD_WORKSPACE_DIRECTORY, 'docs', 'screenshot.png');
const target = await createTarget();
await target.transition('serving', {size: '1280x720', framerate: 30, bitrate: '4M'});
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-dev-shm-usage'],
});
try {
  const page = await browser.newPage({viewport: {width: 1280, height: 720}, colorScheme: 'dark'});
  await page.goto(target.httpUrl);
  await untilPlaying(page);
  await page.keyboard.press('s');
  await page.waitForTimeout(WATCH_MS);
  await page.mouse.move(100, 100);
  await page.locator('body:not(.idle)').waitFor();
  await page.waitForTimeout(FADE_MS);
  await mkdir(path.dirname(file), {recursive: true});
  await page.screenshot({path: file});
  console.log(file);
} finally {
  await browser.close();
  await target.transition('off');
}
