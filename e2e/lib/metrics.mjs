// Reads /metrics: Prometheus's text format.

// The name of the only stream of a server without a configuration file.
const ONLY_STREAM = /stream="camera",?/;

/**
 * {name: value}, names including labels: 'pistream_viewers_left_total{cause="closed"}'. The label of a
 * server's only stream is omitted.
 */
export async function readMetrics(httpUrl, headers = {}) {
  const response = await fetch(new URL('/metrics', httpUrl), {headers});
  if (!response.ok) {
    throw new Error(`/metrics: ${response.status}`);
  }
  return parseMetrics(await response.text());
}

/** The same, from the text. */
export function parseMetrics(text) {
  const lines = text.split('\n').filter((line) => line !== '' && line[0] !== '#');
  return Object.fromEntries(lines.map((line) => {
    const space = line.lastIndexOf(' ');
    const name = line.slice(0, space).replace(ONLY_STREAM, '').replace(/,}$/, '}').replace('{}', '');
    return [name, Number(line.slice(space + 1))];
  }));
}

/** The difference to earlier values: the program may have been running before. */
export function metricsSince(before, now) {
  return Object.fromEntries(Object.entries(now).map(([name, value]) => [name, value - (before[name] ?? 0)]));
}

/** Frames that were captured but not encoded, since the program started. */
export function framesNotEncoded(metrics) {
  return metrics.pistream_frames_lost_in_camera_total + metrics.pistream_frames_displaced_total +
      metrics.pistream_frames_unwatched_total;
}
