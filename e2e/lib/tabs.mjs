// Chromium with a window and tabs, controlled by the DevTools protocol: Playwright keeps every page visible,
// while here one tab hides another as for a user.

import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtemp, readFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {createInterface} from 'node:readline';
import {WebSocket} from 'ws';
import {Display} from './display.mjs';
import {ScriptedPage} from './scripted_page.mjs';
import {test} from './test.mjs';

export class TabbedChromium {
  #browser;
  #socket;
  #lastId = 0;
  #pending = new Map();

  /** In a window on that display. */
  static async start(display) {
    const profile = await mkdtemp(path.join(tmpdir(), 'chromium-'));
    const browser = spawn('/usr/bin/chromium', [
      '--no-sandbox', '--disable-dev-shm-usage', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', '--disable-gpu', '--password-store=basic',
      '--remote-debugging-port=0', `--user-data-dir=${profile}`, 'about:blank',
    ], {stdio: ['ignore', 'ignore', 'pipe'], env: {...process.env, DISPLAY: display.name}});
    for await (const line of createInterface({input: browser.stderr})) {
      const [, url] = line.match(/^DevTools listening on (ws:.*)$/) ?? [];
      if (url !== undefined) {
        browser.stderr.resume();
        const socket = new WebSocket(url, {perMessageDeflate: false});
        await once(socket, 'open');
        return new TabbedChromium(browser, socket);
      }
    }
    throw new Error('Chromium does not start');
  }

  constructor(browser, socket) {
    this.#browser = browser;
    this.#socket = socket;
    socket.on('message', (text) => {
      const {id, result, error} = JSON.parse(text);
      const command = this.#pending.get(id);
      this.#pending.delete(id);
      if (error !== undefined) {
        command?.reject(new Error(error.message));
      } else {
        command?.resolve(result);
      }
    });
  }

  /** Opens a new tab, which hides the others: a ScriptedPage with show(). */
  async open(url) {
    const {targetId} = await this.#send('Target.createTarget', {url});
    const {sessionId} = await this.#send('Target.attachToTarget', {targetId, flatten: true});
    const page = new ScriptedPage(async (expression) => {
      const {result, exceptionDetails} = await this.#send(
          'Runtime.evaluate', {expression, awaitPromise: true, returnByValue: true}, sessionId);
      if (exceptionDetails !== undefined) {
        throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
      }
      return result.value;
    });
    page.show = () => this.#send('Target.activateTarget', {targetId});
    return page;
  }

  /** The private memory of the page processes, in MiB. */
  async pageMemory() {
    const {processInfo} = await this.#send('SystemInfo.getProcessInfo');
    const sizes = await Promise.all(
        processInfo.filter(({type}) => type === 'renderer').map(async ({id}) => {
          const rollup = await readFile(`/proc/${id}/smaps_rollup`, 'utf8');
          return Number(rollup.match(/^Private_Dirty:\s+(\d+) kB$/m)[1]) / 1024;
        }));
    return sizes.reduce((sum, size) => sum + size, 0);
  }

  async stop() {
    const exit = once(this.#browser, 'exit');
    this.#send('Browser.close').catch(() => {});
    await exit;
  }

  #send(method, params = {}, sessionId = undefined) {
    const id = ++this.#lastId;
    this.#socket.send(JSON.stringify({id, method, params, sessionId}));
    return new Promise((resolve, reject) => this.#pending.set(id, {resolve, reject}));
  }
}

/** Playwright's test with such a browser for each test. */
export const testWithTabs = test.extend({
  chromium: async ({}, use) => {
    const display = await Display.start();
    const chromium = await TabbedChromium.start(display);
    await use(chromium);
    await chromium.stop();
    await display.stop();
  },
});
