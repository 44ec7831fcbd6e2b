import path from 'node:path';
import {defineConfig} from '@playwright/test';

const BROWSERS = {
  chromium: {
    launchOptions: {
      executablePath: '/usr/bin/chromium',
      // A name as a stranger would give it to the server, and no name of it.
      args: ['--no-sandbox', '--disable-dev-shm-usage', '--host-resolver-rules=MAP attacker.test 127.0.0.1'],
    },
  },
  // Debian's Firefox, by WebDriver BiDi: Playwright's usual protocol needs its patched Firefox.
  firefox: {
    browserName: 'firefox',
    channel: 'moz-firefox',
    launchOptions: {executablePath: '/usr/bin/firefox-esr'},
  },
};

// Limits to detect hangs, not slowness: builds may run at the same time. Emulated programs take several times as
// long.
const TIMEOUT_FACTOR = (process.env.PISTREAM_TARGET ?? 'local') === 'local' ? 1 : 4;

export default defineConfig({
  testDir: 'specs',
  outputDir: path.join(process.env.TEST_UNDECLARED_OUTPUTS_DIR, 'playwright'),
  reporter: [['list'], ['./report/reporter.mjs']],
  // One at a time, since specs measure delays.
  workers: 1,
  retries: 0,
  timeout: TIMEOUT_FACTOR * 120_000,
  expect: {timeout: TIMEOUT_FACTOR * 30_000},
  forbidOnly: true,
  use: {
    screenshot: 'only-on-failure',
    ...BROWSERS[process.env.BROWSER ?? 'chromium'],
  },
});
