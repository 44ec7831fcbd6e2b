// Compares ways to frame pictures for the original player: bazel run //e2e:classic_framings
// For docs/decisions/0004-classic-framing.md.

import {writeFile} from 'node:fs/promises';
import path from 'node:path';
import {chromium} from '@playwright/test';
import {framings} from './lib/framings.mjs';
import {feed, openOriginalPlayer} from './lib/original_player.mjs';
import {feedJsmpeg1} from './lib/jsmpeg1.mjs';
import {Viewer} from './lib/viewer.mjs';
import {createTarget} from './targets/index.mjs';

const PICTURES = 192;
const BURSTS = [1, 2, 3, 4, 6, 8, 12, 13, 16];

async function record() {
  const target = await createTarget();
  await target.transition('serving');
  const viewer = await Viewer.connect(new URL('/stream', target.httpUrl.replace('http', 'ws')));
  await viewer.until(({pictures}) => pictures.length >= PICTURES);
  const pictures = viewer.pictures.slice(0, PICTURES);
  await target.transition('off');
  return pictures;
}

// `size` pictures between two animation frames, and one frame with none between groups.
function inBursts(messages, size) {
  const groups = [];
  for (let at = 0; at < messages.length; at += size) {
    groups.push(messages.slice(at, at + size).flat());
  }
  return groups;
}

/** How often the last drawing was not the newest picture, and how many drawings were damaged. */
function judge(drawn, size, reference) {
  let late = 0;
  let damaged = 0;
  drawn.forEach((group, index) => {
    const newest = reference[Math.min((index + 1) * size, reference.length) - 1];
    late += group.at(-1)?.frame === newest.frame ? 0 : 1;
    damaged += group.filter(({frame, hash}) => !reference.some((right) => right.frame === frame && right.hash === hash)).length;
  });
  return {groups: drawn.length, late, drawn: drawn.flat().length, damaged};
}

/** How many drawings repeat the previous one, and how many are damaged. */
function compare(hashes, right) {
  const again = hashes.filter((hash, index) => hash === hashes[index - 1]).length;
  return {drawn: hashes.length, again, damaged: hashes.filter((hash) => !right.includes(hash)).length};
}

const pictures = await record();
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-dev-shm-usage'],
});
try {
  const page = await browser.newPage();
  await openOriginalPlayer(page);
  const header = Buffer.from('6a736d70028001e0', 'hex');
  const play = async (groups) => (await feed(page, [[header], ...groups])).slice(1);
  // The reference: one message for each animation frame, and one more picture to flush the last one.
  const pushed = await play(framings.plain([...pictures, pictures.at(-1)]).map((group) => group));
  const reference = pushed.flat();
  if (reference.length !== PICTURES) {
    throw new Error(`reference has ${reference.length} of ${PICTURES}`);
  }
  let right;
  const report = {original: {}, jsmpeg1: {}};
  for (const [name, frame] of Object.entries(framings)) {
    const messages = frame(pictures);
    report.original[name] = {};
    for (const size of BURSTS) {
      const result = judge(await play(inBursts(messages, size)), size, reference);
      report.original[name][size] = result;
      console.log(name, size, JSON.stringify(result));
    }
    const {once, greedy} = await feedJsmpeg1(page, messages.flat());
    right ??= once;
    report.jsmpeg1[name] = {once: compare(once, right), greedy: compare(greedy, right)};
    console.log(name, 'JSMpeg 1.0', JSON.stringify(report.jsmpeg1[name]));
    await writeFile(path.join(process.env.TEST_UNDECLARED_OUTPUTS_DIR, `${name}.m1v`), Buffer.concat(messages.flat()));
  }
  await writeFile(path.join(process.env.TEST_UNDECLARED_OUTPUTS_DIR, 'framings.json'), JSON.stringify(report, null, 2));
  console.log(process.env.TEST_UNDECLARED_OUTPUTS_DIR);
} finally {
  await browser.close();
}
