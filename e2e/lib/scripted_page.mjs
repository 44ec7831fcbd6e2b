// A page that is driven by nothing but scripts, with those of Playwright's methods that watch.mjs and
// clocks.mjs use: for browsers that Playwright cannot drive, or drives too kindly.

import {setTimeout as sleep} from 'node:timers/promises';

export class ScriptedPage {
  #run;

  /** `run(expression)` resolves to the expression's value in the page, awaited there. */
  constructor(run) {
    this.#run = run;
  }

  evaluate(code, argument) {
    return this.#run(typeof code === 'function' ? `(${code})(${JSON.stringify(argument) ?? ''})` : code);
  }

  /** Resolves to the first value that counts as true: {jsonValue()}. */
  async waitForFunction(code, argument, {polling = 100, timeout = 30_000} = {}) {
    const endMs = performance.now() + timeout;
    for (;;) {
      const value = await this.evaluate(code, argument);
      if (value) {
        return {jsonValue: () => value};
      }
      if (performance.now() > endMs) {
        throw new Error(`after ${timeout} ms still not true: ${code}`);
      }
      await sleep(polling);
    }
  }
}
