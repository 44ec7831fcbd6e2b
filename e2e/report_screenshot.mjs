// Makes docs/report.png from the report of the last tests, which pictures_test and faults_test are to be
// among: ./dev report; bazel run //e2e:report_screenshot

import path from 'node:path';
import {pathToFileURL} from 'node:url';
import {chromium} from '@playwright/test';

const TESTS = [
  ['//e2e:pictures_test', 'the picture is the one that the camera saw'],
  ['//e2e:faults_test', 'the camera: stall'],
  ['//e2e:faults_test', 'the network: slow'],
];

const root = process.env.BUILD_WORKSPACE_DIRECTORY;
const file = path.join(root, 'docs', 'report.png');
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-dev-shm-usage'],
});
try {
  const page = await browser.newPage({viewport: {width: 1080, height: 800}, colorScheme: 'light'});
  await page.goto(pathToFileURL(path.join(root, 'report.html')).href);
  // The table of these runs, and of all that follows only these tests.
  await page.evaluate((tests) => {
    const runs = [...document.querySelectorAll('section')];
    const chosen = tests.map(([label, title]) =>
        [...runs.find((run) => run.querySelector('h1').textContent === label).querySelectorAll('article')].find(
            (article) => article.querySelector('h3').textContent.startsWith(title)));
    document.querySelectorAll('[id^=run]').forEach((run) => run.remove());
    document.querySelectorAll('tr:has(a)').forEach((row) => {
      row.hidden = !tests.some(([label]) => row.querySelector('a').textContent === label);
    });
    document.body.append(...chosen);
  }, TESTS);
  await page.locator('body').screenshot({path: file});
  console.log(file);
} finally {
  await browser.close();
}
