// Playwright's test with a target for each test, which keeps the data that explains a failure.

import {writeFile} from 'node:fs/promises';
import path from 'node:path';
import {expect, test as base} from '@playwright/test';
import {createTarget} from '../targets/index.mjs';
import {Viewer} from './viewer.mjs';

export {expect};

export const outputs = process.env.TEST_UNDECLARED_OUTPUTS_DIR;

// Queried once; the target's program is the same in all tests of a run.
const versions = {};

export const test = base.extend({
  browser: [async ({browser, browserName}, use) => {
    versions[browserName] = browser.version();
    await use(browser);
  }, {scope: 'worker'}],

  // Shared by consecutive tests; after a failure a new one is created.
  targetOfRun: [async ({}, use) => {
    const target = await createTarget();
    await use(target);
    await target.transition('off');
  }, {scope: 'worker'}],

  target: async ({targetOfRun: target}, use, info) => {
    await use(target);
    try {
      if (target.state === 'serving') {
        await target.transition('booted');
      }
      if (target.state === 'booted') {
        versions.program ??= await target.version();
      }
    } finally {
      // A deployed service is not stopped, so viewers must be closed explicitly.
      Viewer.closeAll();
      await tell('target', {name: target.name, capabilities: target.capabilities, versions});
      await keep(`${slug(info.title)}.log`, target.takeLog());
    }
  },

  // Errors of a page: its own, or a violation of its content security policy.
  complaints: async ({page}, use) => {
    const complaints = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      // An older server, without several streams, has no list of them.
      const isOldServer = message.location().url?.endsWith('/api/v1/streams') && message.text().includes('404');
      if (message.type() === 'error' && !isOldServer) {
        complaints.push(message.text());
      }
    });
    await use(complaints);
  },
});

/** Reports the test as skipped on a target that cannot show this. */
export function needs(target, capability) {
  test.skip(!target.capabilities[capability], `${target.name} has no ${capability}`);
}

/** Whether the target can show this; if not, the report says that `what` was not checked. */
export function shows(target, capability, what) {
  if (!target.capabilities[capability]) {
    test.info().annotations.push({type: 'not checked', description: `${what}: ${target.name} has no ${capability}`});
  }
  return target.capabilities[capability];
}

/** A file among the test's outputs; the report has it too. */
export async function keep(name, contents) {
  await writeFile(path.join(outputs, name), contents);
  await test.info().attach(name, {body: contents, contentType: typesOf[path.extname(name)]});
}

const typesOf = {'.json': 'application/json', '.log': 'text/plain', '.png': 'image/png'};

/** Adds data to the report only; report/ handles each kind. */
export async function tell(kind, value) {
  await test.info().attach(`report:${kind}`, {body: JSON.stringify(value), contentType: 'application/json'});
}

/** An entry of the test's timeline. `kind`: "fault", or what "followed". */
export async function tellEvent(kind, text) {
  await tell('event', {atMs: performance.timeOrigin + performance.now(), kind, text});
}

/** Frame numbers over time: {frame}, with `drawnMs` or `arrivedMs`. */
export async function tellFrames(label, frames) {
  await tell('frames', {label, points: frames.map(({drawnMs, arrivedMs, frame}) => [drawnMs ?? arrivedMs, frame])});
}

/** Delays over time: {drawnMs, delayMs}; those without a delay are left out. */
export async function tellDelays(label, frames) {
  const points = frames.filter(({delayMs}) => delayMs !== undefined).map(({drawnMs, delayMs}) => [drawnMs, delayMs]);
  await tell('delays', {label, points});
}

export async function keepJson(name, value) {
  await keep(name, `${JSON.stringify(value, null, 2)}\n`);
}

export function slug(title) {
  return title.toLowerCase().replace(/[^a-z0-9]+/g, '-');
}
