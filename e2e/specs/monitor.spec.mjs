// Glass-to-glass with windows on a monitor (docs/glass-to-glass.md): with a deployed Pi's camera, or, to test
// the procedure, with a virtual monitor and a recording instead of the camera.

import path from 'node:path';
import {Display} from '../lib/display.mjs';
import {measureWithWindows} from '../lib/glass.mjs';
import {GOOD_VIEW} from '../lib/optics.mjs';
import {paintScreens, record} from '../lib/simulated_monitor.mjs';
import {expect, keepJson, needs, outputs, tellDelays, test} from '../lib/test.mjs';

const PICTURES = 240;

// On a virtual monitor, windows are drawn without a GPU.
test.describe.configure({timeout: 300_000});

test('from a monitor in front of the camera', async ({target, playwright, launchOptions}) => {
  needs(target, 'optics');
  await target.transition('serving');
  const browser = await playwright.chromium.launch({...launchOptions, headless: false});
  const {delays, ...report} = await measureWithWindows(browser, target.httpUrl, PICTURES);
  await browser.close();
  await keepJson('glass-to-glass.json', report);
  console.log(`from glass to glass: ${JSON.stringify(report)}`);
  await tellDelays('from glass to glass', delays);
  // A code seen before it was painted would mean that the clocks are wrong.
  expect(Math.min(...delays.map(({delayMs}) => delayMs))).toBeGreaterThan(-report.clockUncertaintyMs);
});

test('the viewer behind the painting page goes on', async ({target, playwright, launchOptions, browser}) => {
  needs(target, 'scenarios');
  const file = path.join(outputs, 'monitor.y4m');
  await record(await paintScreens(browser), GOOD_VIEW, file);
  await target.transition('serving', {scenario: file});
  const display = await Display.start();
  try {
    const env = {...process.env, DISPLAY: display.name};
    const windows = await playwright.chromium.launch({...launchOptions, env, headless: false});
    const report = await measureWithWindows(windows, target.httpUrl, PICTURES / 5);
    await windows.close();
    expect(report.pictures).toBeGreaterThanOrEqual(PICTURES / 5);
    expect(report.withCodes).toBeGreaterThan(PICTURES / 10);
  } finally {
    await display.stop();
  }
});
