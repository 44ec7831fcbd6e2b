// The offset of a page's clock to this machine's CLOCK_MONOTONIC, which stamps the frames.

const TRIES = 50;

/** Milliseconds to add to the page's time, measured by the shortest of several round trips. */
export async function offsetToMonotonic(page) {
  let best = {roundTripMs: Infinity};
  for (let attempt = 0; attempt < TRIES; ++attempt) {
    const sentMs = monotonicMs();
    const pageMs = await page.evaluate(() => performance.timeOrigin + performance.now());
    const receivedMs = monotonicMs();
    const roundTripMs = receivedMs - sentMs;
    if (roundTripMs < best.roundTripMs) {
      best = {roundTripMs, offsetMs: (sentMs + receivedMs) / 2 - pageMs};
    }
  }
  return best;
}

function monotonicMs() {
  return Number(process.hrtime.bigint() / 1000n) / 1000;
}

/** {p50, p95, p99, worst, count} */
export function distribution(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share) => round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]);
  return {p50: at(0.5), p95: at(0.95), p99: at(0.99), worst: round(sorted.at(-1)), count: sorted.length};
}

const round = (value) => Math.round(value * 100) / 100;
