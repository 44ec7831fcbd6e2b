// Results as an HTML page: pure functions.

import {ageChart, escape} from '../report/charts.mjs';
import {STYLE} from '../report/style.mjs';
import {figuresOf, ratiosOf} from './table.mjs';

// Samples of age that one point of a chart stands for: the worst of them.
const SAMPLES_A_POINT = 5;

/**
 * A whole file. `results`: one for each viewer; `comments`: of each profile, by name; `about`: [[name, value]]
 * of the run.
 */
export function renderPage({results, comments, about}) {
  const profiles = [...new Set(results.map(({profile}) => profile))];
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>pistream on bad links</title>
<style>${STYLE}
body { max-width: 1400px; } svg { max-width: 800px; } td, th { white-space: nowrap; } .card { overflow-x: auto; }
</style>
</head>
<body>
<h1>pistream on bad links</h1>
<div class="card">${renderTable({headings: ['', ''], rows: about})}</div>
${profiles.map((profile) => renderProfile(profile, results, comments[profile])).join('\n')}
</body>
</html>
`;
}

function renderProfile(profile, results, comment) {
  const own = results.filter((result) => result.profile === profile);
  const viewers = [...new Set(own.map(({viewer}) => viewer))];
  const ratios = ratiosOf(own);
  return `<h2>${escape(profile)}</h2><p>${escape(comment)}</p>
<div class="card">${viewers.map((viewer) => renderAges(own.filter((result) => result.viewer === viewer))).join('\n')}
${renderTable(figuresOf(own))}
${ratios.rows.length > 0 ? `<p class="faint">Ratios:</p>${renderTable(ratios)}` : ''}</div>`;
}

function renderAges(results) {
  const [{link, seconds, faults}] = results;
  return ageChart({
    label: link,
    lines: results.map(({contender, samples}) => ({name: contender, points: thinned(samples)})),
    range: [0, seconds],
    marks: faults.flatMap(({at, end}) => [{x: at, label: 'bad', kind: 'fault'}, {x: end, label: 'good', kind: 'followed'}])
        .filter(({x}) => x <= seconds),
  });
}

function thinned(samples) {
  const points = [];
  for (let at = 0; at < samples.length; at += SAMPLES_A_POINT) {
    const few = samples.slice(at, at + SAMPLES_A_POINT);
    points.push([few[0][0], Math.max(...few.map(([, age]) => age))]);
  }
  return points;
}

function renderTable({headings, rows}) {
  const line = (tag) => (cells) => `<tr>${cells.map((cell) => `<${tag}>${escape(cell)}</${tag}>`).join('')}</tr>`;
  return `<table>${line('th')(headings)}${rows.map(line('td')).join('')}</table>`;
}
