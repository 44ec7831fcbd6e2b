// Reads single values of /metrics: Prometheus's text format.

/**
 * The value of `name` for a stream, with these labels and perhaps others; undefined if there is none.
 * Servers of one stream may leave the label `stream` out, as may pages that do not know the name.
 */
export function metricOf(
    text: string, name: string, stream: string|undefined, labels: Readonly<Record<string, string>> = {}): number|
    undefined {
  const samples = text.split('\n').filter((line) => line.startsWith(name)).flatMap((line) => {
    const [, rest, value] = /^[a-z_:]+(?:\{(.*)\})? (\S+)/.exec(line) ?? [];
    const isName = line.length > name.length && '{ '.includes(line.charAt(name.length));
    return isName && value !== undefined ? [{labels: labelsOf(rest ?? ''), value: Number(value)}] : [];
  }).filter((sample) => Object.entries(labels).every(([key, value]) => sample.labels.get(key) === value));
  const own = samples.find((sample) => sample.labels.get('stream') === stream);
  return (own ?? samples.find((sample) => !sample.labels.has('stream') || stream === undefined))?.value;
}

function labelsOf(text: string): Map<string, string> {
  return new Map([...text.matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)"/g)].map(([, key = '', value = '']) => [key, value]));
}
