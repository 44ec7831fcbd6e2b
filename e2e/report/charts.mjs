// Charts for reports, as SVG that needs nothing: pure functions from figures to text. Colours are
// style.mjs's, by class. Numbers in parentheses are events of the test's timeline.

const WIDTH = 500;
const LEFT = 44;
const RIGHT = 12;
const TOP = 18;
const BOTTOM = 22;

export const escape = (text) => String(text).replace(
    /[&<>"]/g, (character) => ({'&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;'})[character]);

/** About `count` round numbers within the range. */
export function ticks(from, to, count) {
  const span = to - from || 1;
  const power = 10 ** Math.floor(Math.log10(span / count));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => span / each <= count);
  const first = Math.ceil(from / step);
  const last = Math.floor(to / step + 1e-9);
  return Array.from({length: last - first + 1}, (_, at) => Number(((first + at) * step).toPrecision(12)));
}

/** [{from, to, count}] of equal width: a round one, `bins` of them at most. */
export function histogram(values, bins) {
  const to = Math.max(...values);
  const marks = ticks(0, to, bins);
  const step = marks.length > 1 ? marks[1] - marks[0] : to || 1;
  const counts = new Array(Math.floor(to / step) + 1).fill(0);
  values.forEach((value) => {
    counts[Math.max(0, Math.floor(value / step))] += 1;
  });
  return counts.map((count, at) => ({from: at * step, to: (at + 1) * step, count}));
}

/** Values of 0 to 1. */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

/** Errors in the order of frames: {lost: [{at, count}], wrong: [at]}; `at` is the time of the later frame. */
export function disorder(frames) {
  const lost = [], wrong = [];
  for (let at = 1; at < frames.length; ++at) {
    const step = ((frames[at] - frames[at - 1] + 0x18000) & 0xffff) - 0x8000;
    if (step > 1) {
      lost.push({at, count: step - 1});
    } else if (step < 1) {
      wrong.push(at);
    }
  }
  return {lost, wrong};
}

class Plot {
  #parts = [];

  /** `x`, `y`: ranges; `decades`: y is logarithmic. */
  constructor({height, x, y, decades = false}) {
    this.height = height;
    this.x = scale(x, LEFT, WIDTH - RIGHT);
    this.y = (decades ? logarithmicScale : scale)(y, height - BOTTOM, TOP);
    for (const value of decades ? decadeTicks(...y) : ticks(...y, 4)) {
      const at = round(this.y(value));
      this.add(`<path class="grid" d="M${LEFT} ${at}H${WIDTH - RIGHT}"/>`);
      this.text(LEFT - 6, at + 4, value, 'axis end');
    }
    for (const value of ticks(...x, 8)) {
      this.text(round(this.x(value)), height - 6, value, 'axis middle');
    }
  }

  add(svg) {
    this.#parts.push(svg);
  }

  text(x, y, text, kind) {
    this.add(`<text x="${x}" y="${y}" class="${kind}">${escape(text)}</text>`);
  }

  /** Vertical lines at {x, label, kind}. */
  marks(marks) {
    for (const {x, label, kind} of marks) {
      const at = round(this.x(x));
      this.add(`<path class="mark ${kind}" d="M${at} ${TOP}V${this.height - BOTTOM}"/>`);
      this.text(at + 3, TOP + 9, label, `label ${kind}`);
    }
  }

  svg(title) {
    return `<svg viewBox="0 0 ${WIDTH} ${this.height}" role="img" aria-label="${escape(title)}">` +
        `${this.#parts.join('')}<text x="${LEFT}" y="11" class="title">${escape(title)}</text></svg>`;
  }
}

function scale([from, to], begin, end) {
  const span = to - from || 1;
  return (value) => begin + (value - from) / span * (end - begin);
}

function logarithmicScale(range, begin, end) {
  const linear = scale(range.map(Math.log10), begin, end);
  return (value) => linear(Math.log10(Math.max(value, range[0])));
}

const decadeTicks = (from, to) => [1, 10, 100, 1000, 10_000, 100_000].filter((each) => each >= from && each <= to);

const round = (value) => Math.round(value * 10) / 10;

/**
 * Frame numbers over seconds: a straight line if there is no fault. `points`: [[seconds, frame], ...];
 * `range`: [from, to] in seconds; `marks`: [{x, label, kind}].
 */
export function frameChart({label, points, range, marks = []}) {
  const frames = points.map(([, frame]) => frame);
  const {lost, wrong} = disorder(frames);
  const plot = new Plot({height: 150, x: range, y: [Math.min(...frames), Math.max(...frames)]});
  plot.marks(marks.filter(({x}) => x >= range[0] && x <= range[1]));
  for (const [seconds, frame] of points) {
    plot.add(`<circle class="frame" cx="${round(plot.x(seconds))}" cy="${round(plot.y(frame))}" r="1.8"/>`);
  }
  for (const {at, count} of lost) {
    const x = round(plot.x(points[at][0]));
    plot.add(`<path class="lost" d="M${x} ${round(plot.y(frames[at - 1]))}V${round(plot.y(frames[at]))}">` +
        `<title>${count} missing before frame ${frames[at]}</title></path>`);
  }
  for (const at of wrong) {
    plot.add(`<circle class="wrong" cx="${round(plot.x(points[at][0]))}" cy="${round(plot.y(frames[at]))}" r="4">` +
        `<title>frame ${frames[at]} after frame ${frames[at - 1]}</title></circle>`);
  }
  const missing = lost.reduce((total, {count}) => total + count, 0);
  const words = [
    `${frames.length} frames`,
    missing > 0 ? `${missing} missing` : 'none missing',
    ...(wrong.length > 0 ? [`${wrong.length} twice, out of order, or counted from 0 again`] : []),
  ];
  return plot.svg(`${label}: ${words.join(', ')}`);
}

/** Histogram of delays in milliseconds. */
export function delayHistogram({label, values}) {
  const bars = histogram(values, 40);
  const plot = new Plot({height: 130, x: [0, bars.at(-1).to], y: [0, Math.max(...bars.map(({count}) => count))]});
  for (const {from, to, count} of bars.filter((bar) => bar.count > 0)) {
    const [left, right, top] = [plot.x(from), plot.x(to), plot.y(count)].map(round);
    plot.add(`<rect class="bar" x="${left}" y="${top}" width="${round(Math.max(1, right - left - 1))}" ` +
        `height="${round(plot.y(0) - top)}"><title>${count} of ${round(from)} to ${round(to)} ms</title></rect>`);
  }
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => round(quantile(values, share)));
  return plot.svg(`${label}, ms: p50 ${p50}, p95 ${p95}, p99 ${p99}, of ${values.length}`);
}

/** Delays in milliseconds over seconds. */
export function delayTimeline({label, points, range, marks = []}) {
  const plot = new Plot({height: 120, x: range, y: [0, Math.max(1, ...points.map(([, delay]) => delay))]});
  plot.marks(marks.filter(({x}) => x >= range[0] && x <= range[1]));
  for (const [seconds, delay] of points) {
    plot.add(`<circle class="frame" cx="${round(plot.x(seconds))}" cy="${round(plot.y(delay))}" r="1.8"/>`);
  }
  return plot.svg(`${label}: ms over seconds`);
}

/**
 * The age of what is on the screen in milliseconds, logarithmic, over seconds: a line for each of `lines`,
 * {name, points}.
 */
export function ageChart({label, lines, range, marks = []}) {
  const ages = lines.flatMap(({points}) => points.map(([, age]) => age));
  const worst = ages.reduce((most, each) => Math.max(most, each), 100);
  const plot = new Plot({height: 170, x: range, y: [10, 10 ** Math.ceil(Math.log10(worst))], decades: true});
  plot.marks(marks);
  for (const [index, {name, points}] of lines.entries()) {
    const path = points.map(([seconds, age]) => `${round(plot.x(seconds))} ${round(plot.y(age))}`).join('L');
    plot.add(`<path class="line line${index}" d="M${path}"><title>${escape(name)}</title></path>`);
    plot.text(WIDTH - RIGHT - 80 * (lines.length - index - 1), 11, name, `end name line${index}`);
  }
  return plot.svg(`${label}: age in ms over seconds`);
}
