// Reads /metrics: Prometheus's text format.

// The only stream of a server that is started without a configuration has this name.
const ONLY_STREAM = /stream="camera",?/;

/**
 * {name: value}, with labels as they stand: 'pistream_viewers_left_total{cause="closed"}'. The label of a
 * server's only stream is left out.
 */
export async function readMetrics(httpUrl) {
  const response = await fetch(new URL('/metrics', httpUrl));
  if (!response.ok) {
    throw new Error(`/metrics: ${response.status}`);
  }
  const lines = (await response.text()).split('\n').filter((line) => line !== '' && line[0] !== '#');
  return Object.fromEntries(lines.map((line) => {
    const space = line.lastIndexOf(' ');
    const name = line.slice(0, space).replace(ONLY_STREAM, '').replace(/,}$/, '}').replace('{}', '');
    return [name, Number(line.slice(space + 1))];
  }));
}

/** What was counted since then: the program may have run before. */
export function metricsSince(before, now) {
  return Object.fromEntries(Object.entries(now).map(([name, value]) => [name, value - (before[name] ?? 0)]));
}

/** Frames that were made but never became pictures, since the program began. */
export function framesNotEncoded(metrics) {
  return metrics.pistream_frames_lost_in_camera_total + metrics.pistream_frames_displaced_total +
      metrics.pistream_frames_unwatched_total;
}
