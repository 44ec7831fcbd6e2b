// The report of one run as HTML: pure functions from what reporter.mjs has gathered.

import {CAPABILITIES} from '../targets/capabilities.mjs';
import {delayHistogram, delayTimeline, escape, frameChart} from './charts.mjs';
import {STYLE} from './style.mjs';

const WORDS = {passed: '✓ passed', failed: '✗ failed', skipped: '– skipped'};

/**
 * A whole file. `run`: {label, startedAt, seconds, machine, target: {name, capabilities, versions} or
 * undefined, tests: [{title, status, seconds, reasons, errors, events, frames, delays, pictures, images,
 * logs}]}. tools/e2e_report.py puts what is between the comments of several into one.
 */
export function renderPage(run) {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${escape(run.label)}</title>
<style>${STYLE}</style>
</head>
<body>
<!-- run ${JSON.stringify(summaryOf(run)).replaceAll('--', '- -')} -->
${renderRun(run)}
<!-- end of run -->
</body>
</html>
`;
}

const countOf = (run, status) => run.tests.filter((test) => test.status === status).length;

export function summaryOf(run) {
  const [passed, failed, skipped] = ['passed', 'failed', 'skipped'].map((status) => countOf(run, status));
  const {label, startedAt, seconds, target} = run;
  return {label, startedAt, seconds, target: target?.name, passed, failed, skipped};
}

function renderRun(run) {
  const {passed, failed, skipped} = summaryOf(run);
  const verdict = failed > 0 ? 'failed' : 'passed';
  return `<section>
<h1>${escape(run.label)}</h1>
<p><b class="${verdict}">${passed} passed, ${failed} failed, ${skipped} skipped</b>
<span class="faint">in ${seconds(run.seconds)}, ${escape(run.startedAt)}</span></p>
${renderMachine(run)}
${run.target === undefined ? '' : renderCapabilities(run)}
<h2>Tests</h2>
${run.tests.map(renderTest).join('\n')}
</section>`;
}

function renderMachine({target, machine}) {
  const {program = '', ...browsers} = target?.versions ?? {};
  const rows = [
    ['target', target?.name ?? 'none was asked for'],
    ...program.split('\n').filter((line) => line !== '').map((line) => line.split(/ (.*)/s)),
    ...Object.entries(browsers),
    ['tests ran on', machine],
  ];
  return `<div class="card"><table>${rows.map(([name, value]) =>
      `<tr><th>${escape(name)}</th><td>${escape(value)}</td></tr>`).join('')}</table></div>`;
}

// Missing capabilities are listed with the tests that were skipped for them.
function renderCapabilities({target, tests}) {
  const rows = Object.entries(target.capabilities).map(([name, has]) => {
    const leftOut = has ? [] : tests.flatMap(({title, reasons}) =>
        reasons.filter((reason) => reason.endsWith(` has no ${name}`)).map((reason) =>
            reason.includes(': ') ? `${title} (${reason.split(': ')[0]})` : title));
    return `<tr><td class="${has ? 'passed' : 'skipped'}">${has ? '✓' : '–'}</td><th>${escape(name)}</th>` +
        `<td>${escape(CAPABILITIES[name] ?? '')}${leftOut.length === 0 ? '' :
            `<br><span class="skipped">not checked here: ${escape(leftOut.join('; '))}</span>`}</td></tr>`;
  });
  return `<h2>What the target ${escape(target.name)} can show</h2><div class="card"><table>${rows.join('')}</table></div>`;
}

function renderTest(test) {
  return `<article class="card">
<div class="head"><h3>${escape(test.title)}</h3><b class="${test.status}">${WORDS[test.status]}</b><small>${seconds(test.seconds)}</small></div>
${test.reasons.map((reason) => `<p class="skipped">${escape(reason)}</p>`).join('')}
${test.errors.map((error) => `<pre class="failed">${escape(error)}</pre>`).join('')}
${renderCharts(test)}
${test.pictures.map(renderPictures).join('')}
${test.images.length === 0 ? '' : renderPictures({label: '', images: test.images})}
${test.status !== 'failed' ? '' : test.logs.map(({name, text}) =>
    `<details open><summary>${escape(name)}</summary><pre>${escape(text)}</pre></details>`).join('')}
</article>`;
}

// Events and charts of a test have a common time axis: seconds since the first of them.
function renderCharts({events, frames, delays}) {
  const pointsOf = (list) => list.flatMap(({points}) => points.map(([atMs]) => atMs));
  const times = [...events.map(({atMs}) => atMs), ...pointsOf(frames), ...pointsOf(delays)];
  if (times.length === 0) {
    return '';
  }
  const beganMs = times.reduce((first, each) => Math.min(first, each));
  const at = (ms) => (ms - beganMs) / 1000;
  const range = [0, at(times.reduce((last, each) => Math.max(last, each)))];
  const marks = events.map(({atMs, kind}, index) => ({x: at(atMs), label: `(${index + 1})`, kind}));
  const plots = ({label, points}) => ({label, points: points.map(([ms, value]) => [at(ms), value]), range, marks});
  return [
    events.length === 0 ? '' : `<ol class="events">${events.map(({atMs, kind, text}, index) =>
        `<li class="${kind}"><span>(${index + 1})</span><span>${at(atMs).toFixed(2)} s</span>` +
        `<span><b>${kind === 'fault' ? '⚡' : '→'}</b> ${escape(text)}</span></li>`).join('')}</ol>`,
    `<div class="pair">${frames.filter(({points}) => points.length > 0).map((each) => frameChart(plots(each))).join('')}`,
    ...delays.filter(({points}) => points.length > 0).flatMap((each) => [
      delayHistogram({label: each.label, values: each.points.map(([, delay]) => delay)}),
      delayTimeline(plots(each)),
    ]),
    '</div>',
  ].join('');
}

// `images`: [[caption, PNG in base64], ...]
function renderPictures({label, images}) {
  return `${label === '' ? '' : `<p>${escape(label)}</p>`}<div class="pictures">${images.map(([caption, base64]) =>
      `<figure><img alt="${escape(caption)}" src="data:image/png;base64,${base64}"><figcaption>${escape(caption)}</figcaption></figure>`)
      .join('')}</div>`;
}

const seconds = (value) => `${value.toFixed(1)} s`;
