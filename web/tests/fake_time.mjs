// Timers and performance.now() that advance only when a test requests it, and chance that is always in the
// middle: waits that are spread at random have one length.

let nowMs;
let timers;
let nextId;
const real = {};
const {random} = Math;

export function useFakeTime() {
  nowMs = 0;
  Math.random = () => 0.5;
  timers = new Map();
  nextId = 1;
  for (const name of ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval']) {
    real[name] ??= globalThis[name];
  }
  const start = (call, ms, everyMs) => {
    timers.set(nextId, {call, atMs: nowMs + ms, everyMs});
    return nextId++;
  };
  globalThis.setTimeout = (call, ms = 0) => start(call, ms);
  globalThis.setInterval = (call, ms) => start(call, ms, ms);
  globalThis.clearTimeout = globalThis.clearInterval = (id) => timers.delete(id);
  real.performance ??= globalThis.performance;
  globalThis.performance = {timeOrigin: 0, now: () => nowMs};
}

export function useRealTime() {
  Object.assign(globalThis, real);
  Math.random = random;
}

/** Lets so many milliseconds pass, and calls what falls due, in order. */
export function pass(ms) {
  const endMs = nowMs + ms;
  for (;;) {
    const due = [...timers].filter(([, timer]) => timer.atMs <= endMs).sort(([, a], [, b]) => a.atMs - b.atMs)[0];
    if (due === undefined) {
      break;
    }
    const [id, timer] = due;
    nowMs = timer.atMs;
    if (timer.everyMs === undefined) {
      timers.delete(id);
    } else {
      timer.atMs += timer.everyMs;
    }
    timer.call();
  }
  nowMs = endMs;
}

/** Lets so many milliseconds pass in which no timer is called, as on a machine that sleeps; they are late then. */
export function sleep(ms) {
  nowMs += ms;
  for (const timer of timers.values()) {
    timer.atMs = Math.max(timer.atMs, nowMs);
  }
}
