// Playwright's test with a target for each test, and everything kept that explains a failure.

import {writeFile} from 'node:fs/promises';
import path from 'node:path';
import {expect, test as base} from '@playwright/test';
import {createTarget} from '../targets/index.mjs';

export {expect};

export const outputs = process.env.TEST_UNDECLARED_OUTPUTS_DIR;

export const test = base.extend({
  target: async ({}, use, info) => {
    const target = await createTarget();
    await use(target);
    try {
      await target.transition('off');
    } finally {
      await keep(`${slug(info.title)}.log`, target.log());
    }
  },

  // What a page complains about: an error of its own, or something its policy forbids.
  complaints: async ({page}, use) => {
    const complaints = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') {
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

/** A file among the test's outputs. */
export async function keep(name, contents) {
  await writeFile(path.join(outputs, name), contents);
}

export async function keepJson(name, value) {
  await keep(name, `${JSON.stringify(value, null, 2)}\n`);
}

export function slug(title) {
  return title.toLowerCase().replace(/[^a-z0-9]+/g, '-');
}
