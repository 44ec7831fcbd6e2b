// Results as tables, {headings, rows}: pure functions.

const round = (value, digits = 0) => Number(value.toFixed(digits));
const triple = ({p50, p95, p99, worst}) => [p50, p95, p99, worst].map((each) => round(each)).join(' / ');
const kbit = ({counters, seconds}) => round(8 * counters.down.delivered.bytes / seconds / 1000);

/** By heading, how a result is written. */
const COLUMNS = {
  'link': ({profile, link, viewer}) => viewer === undefined ? profile : `${profile} #${viewer}: ${link}`,
  'contender': ({contender, runs = 1}) => runs > 1 ? `${contender} (${runs} runs)` : contender,
  'pictures/s': ({picturesPerSecond}) => round(picturesPerSecond, 1),
  'freezes': ({freezes}) => freezes,
  'longest, ms': ({longestMs}) => longestMs,
  'frozen, s': ({frozenSeconds}) => round(frozenSeconds, 1),
  'delay p50 / p95 / p99 / max, ms': ({delayMs}) => triple(delayMs),
  'age p50 / p95 / max, ms': ({ageMs: {p50, p95, worst}}) => [p50, p95, worst].map((each) => round(each)).join(' / '),
  'recovery, ms': ({recoveryMs}) => recoveryMs.map((each) => each ?? 'never').join(', '),
  'by header': ({byHeader}) => byHeader,
  'unread': ({unread}) => unread,
  'smaller': ({smaller}) => smaller,
  'dropped by server': ({droppedByServer}) => droppedByServer ?? '',
  'kbit/s': kbit,
  'buffer dropped, lost': ({counters: {down}}) => `${down.dropped.packets}, ${down.lost.packets}`,
  'cpu': ({cpu}) => round(cpu, 2),
  'by': ({network, congestion}) => `${network}, ${congestion}`,
};

export function figuresOf(results) {
  return {
    headings: Object.keys(COLUMNS),
    rows: results.map((result) => Object.values(COLUMNS).map((write) => write(result))),
  };
}

/** By heading, the figure of which there is a ratio. */
const COMPARED = {
  'pictures/s': ({picturesPerSecond}) => picturesPerSecond,
  'delay p50': ({delayMs}) => delayMs.p50,
  'delay p95': ({delayMs}) => delayMs.p95,
  'delay p99': ({delayMs}) => delayMs.p99,
  'age p95': ({ageMs}) => ageMs.p95,
  'frozen': ({frozenSeconds}) => frozenSeconds,
  'recovery': ({recoveryMs}) => recoveryMs.length === 0 ? undefined : Math.max(...recoveryMs.map((each) => each ?? Infinity)),
};

/** The results of the others as ratios to those of the contender `to` on the same link, if it was there. */
export function ratiosOf(results, to = 'webrtc') {
  const rows = results.filter(({contender}) => contender !== to).flatMap((result) => {
    const other = results.find((each) => each.contender === to && isSameLink(each, result));
    return other === undefined ? [] : [[
      COLUMNS.link(result), result.contender,
      ...Object.values(COMPARED).map((figure) => ratio(figure(result), figure(other))),
    ]];
  });
  return {headings: ['link', `to ${to}`, ...Object.keys(COMPARED)], rows};
}

function ratio(figure, other) {
  if (figure === undefined) {
    return '';
  }
  const value = figure / other;
  return Number.isFinite(value) ? `${round(value, 2)} x` : `${shown(figure)} : ${shown(other)}`;
}

const shown = (figure) => Number.isFinite(figure) ? round(figure, 1) : 'never';
const isSameLink = (one, other) => one.profile === other.profile && one.viewer === other.viewer;

/** Empty if there are no rows. */
export function markdown({headings, rows}) {
  return rows.length === 0 ? '' : [headings, headings.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** One result for each viewer of a contender and link: the median of each figure over its runs. */
export function mediansOf(results) {
  const groups = new Map();
  for (const result of results) {
    const key = JSON.stringify([result.profile, result.contender, result.viewer]);
    groups.set(key, [...groups.get(key) ?? [], result]);
  }
  return [...groups.values()].map((runs) => {
    const {samples} = runs[0];
    return {...middleOf(runs.map((run) => ({...run, samples: null}))), samples, runs: runs.length};
  });
}

// Of equal structures: number by number. What never happened is later than all else.
function middleOf(values) {
  const [first] = values;
  if (values.some((value) => typeof value === 'number')) {
    const middle = values.map((value) => value ?? Infinity).sort((a, b) => a - b)[(values.length - 1) >> 1];
    return middle === Infinity ? undefined : middle;
  }
  if (typeof first !== 'object' || first === null) {
    return first;
  }
  const parts = Object.keys(first).map((key) => [key, middleOf(values.map((value) => value[key]))]);
  return Array.isArray(first) ? parts.map(([, value]) => value) : Object.fromEntries(parts);
}
