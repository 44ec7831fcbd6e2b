// A page that is controlled only by scripts, with the Playwright methods that watch.mjs and clocks.mjs use:
// for browsers that Playwright cannot control, or whose pages it keeps visible.

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

  /** Resolves to the first truthy value: {jsonValue()}. */
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
