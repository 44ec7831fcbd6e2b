// A Playwright reporter that writes report.html among the test's outputs: a self-contained file with the data
// that specs pass to tell() and keep() of lib/test.mjs.

import {readFileSync, writeFileSync} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {renderPage} from './page.mjs';

const TOLD = /^report:(.*)$/;
// The part of a log that is shown for a failed test.
const LOG_LIMIT = 200_000;
const COLOUR_CODES = /\u001b\[[0-9;]*m/g;

export default class Reporter {
  #tests = [];
  #target;
  #began;

  onBegin() {
    this.#began = new Date();
  }

  onTestEnd(test, result) {
    const told = {target: [], event: [], frames: [], delays: [], pictures: []};
    const images = [], logs = [];
    for (const {name, contentType, body, path: file} of result.attachments) {
      const [, kind] = TOLD.exec(name) ?? [];
      const contents = () => body ?? readFileSync(file);
      if (kind !== undefined) {
        told[kind].push(JSON.parse(contents().toString()));
      } else if (contentType === 'image/png') {
        images.push([name, contents().toString('base64')]);
      } else if (contentType === 'text/plain') {
        logs.push({name, text: contents().toString().slice(-LOG_LIMIT)});
      }
    }
    // Versions are added during the run: a browser's after the first test that uses it.
    this.#target = told.target[0] ?? this.#target;
    this.#tests.push({
      title: test.titlePath().slice(3).join(' › '),
      status: {passed: 'passed', skipped: 'skipped'}[result.status] ?? 'failed',
      seconds: result.duration / 1000,
      reasons: test.annotations.map(({description}) => description ?? ''),
      errors: result.errors.map(({stack, message}) => (stack ?? message ?? '').replaceAll(COLOUR_CODES, '')),
      events: told.event,
      frames: told.frames,
      delays: told.delays,
      pictures: told.pictures,
      images,
      logs,
    });
  }

  onEnd() {
    const run = {
      label: process.env.TEST_TARGET ?? 'end-to-end tests',
      startedAt: this.#began.toISOString().replace(/\..*/, 'Z').replace('T', ' '),
      seconds: (Date.now() - this.#began.getTime()) / 1000,
      machine: `${os.type()} ${os.release()}, ${os.cpus().length} × ${os.cpus()[0]?.model.trim() ?? os.arch()}`,
      target: this.#target,
      tests: this.#tests,
    };
    writeFileSync(path.join(process.env.TEST_UNDECLARED_OUTPUTS_DIR, 'report.html'), renderPage(run));
  }

  printsToStdio() {
    return false;
  }
}
