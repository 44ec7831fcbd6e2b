// WebKitGTK's MiniBrowser, controlled by W3C WebDriver: Playwright supports only its own WebKit.

import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtemp} from 'node:fs/promises';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {ScriptedPage} from './scripted_page.mjs';

const BROWSER = '/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser';
const SCRIPT_LIMIT_MS = 30_000;

export class WebKit {
  #driver;
  #url;
  #session;

  /** In a window on that display. */
  static async start(display) {
    const port = await freePort();
    const runtime = await mkdtemp(path.join(tmpdir(), 'webkit-'));
    const driver = spawn('WebKitWebDriver', [`--port=${port}`], {
      stdio: 'inherit',
      env: {...process.env, DISPLAY: display.name, XDG_RUNTIME_DIR: runtime},
    });
    const browser = new WebKit(driver, `http://127.0.0.1:${port}`);
    await browser.#open();
    return browser;
  }

  constructor(driver, url) {
    this.#driver = driver;
    this.#url = url;
  }

  /** Resolves to a ScriptedPage that shows the address. */
  async open(url) {
    await this.#send('POST', 'url', {url});
    return new ScriptedPage(async (expression) => {
      const {value, error} = await this.#send('POST', 'execute/async', {
        // An expression may be a promise; errors are returned with their message.
        script: `const done = arguments[0];
          (async () => ${expression})().then((value) => done({value}), (error) => done({error: String(error)}));`,
        args: [],
      });
      if (error !== undefined) {
        throw new Error(error);
      }
      return value;
    });
  }

  /** PNG bytes. */
  async screenshot() {
    return Buffer.from(await this.#send('GET', 'screenshot'), 'base64');
  }

  async stop() {
    await this.#send('DELETE', '').catch(() => {});
    const exit = once(this.#driver, 'exit');
    this.#driver.kill();
    await exit;
  }

  async #open() {
    while (!await fetch(`${this.#url}/status`).then(({ok}) => ok, () => false)) {
      if (this.#driver.exitCode !== null) {
        throw new Error('WebKitWebDriver does not start');
      }
      await sleep(50);
    }
    const {sessionId} = await this.#call('POST', `${this.#url}/session`, {
      capabilities: {alwaysMatch: {
        'webkitgtk:browserOptions': {binary: BROWSER, args: ['--automation']},
        timeouts: {script: SCRIPT_LIMIT_MS},
      }},
    });
    this.#session = `${this.#url}/session/${sessionId}`;
  }

  #send(method, command, body) {
    return this.#call(method, command === '' ? this.#session : `${this.#session}/${command}`, body);
  }

  async #call(method, url, body) {
    const response = await fetch(url, {method, body: body && JSON.stringify(body)});
    const {value} = await response.json();
    if (!response.ok) {
      throw new Error(`WebKitWebDriver: ${value.error}: ${value.message}`);
    }
    return value;
  }
}

// The driver cannot choose a free port itself.
async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const {port} = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
