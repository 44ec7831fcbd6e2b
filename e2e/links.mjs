// pistream on bad links, beside WebRTC and JSMpeg's relay: bazel run //e2e:links -- --help

import {mkdir, readdir, readFile, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {parseArgs} from 'node:util';
import {renderPage} from './links/page.mjs';
import {CONTENDERS, runProfile} from './links/run.mjs';
import {figuresOf, markdown, mediansOf, ratiosOf} from './links/table.mjs';

const HELP = `links [OPTION...] [PROFILE...]

PROFILE                 a file of e2e/links without .toml, or all, or a path (default: rate-0.4)
--contenders LIST       of pistream, webrtc, jsmpeg (default: pistream,webrtc)
--seconds N             of measurement (default: 30, as steps and outages need it)
--warm-up N             seconds before it (default: 5)
--seeds LIST            of chance, a run each, of which the table has the median (default: the profile's)
--congestion NAME       of TCP at the server: cubic (default) or bbr
--server [NAME=]BINARY  another pistream; repeatable, to compare builds
--option OPTION         of pistream's command line, such as --option=--gop=120; repeatable
--together              contenders run at the same time, on links of their own
--proxy                 proxies instead of namespaces: rate, delay and outages only
--out DIR               for links.json, with all samples, and links.html
`;

const FOLDER = fileURLToPath(new URL('links', import.meta.url));
// Bazel runs it elsewhere.
const CALLER = process.env.BUILD_WORKING_DIRECTORY ?? process.cwd();

const {values: options, positionals} = parseArgs({
  allowPositionals: true,
  options: {
    'help': {type: 'boolean', short: 'h'},
    'contenders': {type: 'string', default: 'pistream,webrtc'},
    'seconds': {type: 'string', default: '30'},
    'warm-up': {type: 'string', default: '5'},
    'seeds': {type: 'string', default: ''},
    'congestion': {type: 'string', default: 'cubic'},
    'server': {type: 'string', multiple: true},
    'option': {type: 'string', multiple: true, default: []},
    'together': {type: 'boolean', default: false},
    'proxy': {type: 'boolean', default: false},
    'out': {type: 'string', default: 'links-results'},
  },
});

const listOf = (text) => text.split(',').filter((each) => each !== '');

/** What runs on the links: pistream once for each --server. */
function contenders() {
  const servers = options.server ?? [`pistream=${process.env.PISTREAM}`];
  return listOf(options.contenders).flatMap((kind) => kind !== 'pistream' ? [{name: kind, kind}] : servers.map((text) => {
    const [, name = 'pistream', binary] = /^(?:([^=/]*)=)?(.*)$/.exec(text);
    return {name, kind, server: path.resolve(CALLER, binary), options: options.option};
  }));
}

/** [{name, file}]: the project's own profiles by name, others by path. */
async function profiles() {
  const all = (await readdir(FOLDER)).filter((file) => file.endsWith('.toml')).map((file) => path.parse(file).name);
  const names = positionals.length === 0 ? ['rate-0.4'] : positionals.includes('all') ? all.sort() : positionals;
  return names.map((name) => all.includes(name) ?
      {name, file: path.join(FOLDER, `${name}.toml`)} :
      {name: path.parse(name).name, file: path.resolve(CALLER, name)});
}

async function runAll(list) {
  const unknown = listOf(options.contenders).filter((kind) => !(kind in CONTENDERS));
  if (unknown.length > 0) {
    throw new Error(`there is no contender ${unknown.join(', ')}, but ${Object.keys(CONTENDERS).join(', ')}`);
  }
  const groups = options.together ? [contenders()] : contenders().map((each) => [each]);
  const seeds = options.seeds === '' ? [undefined] : listOf(options.seeds).map(Number);
  const results = [];
  for (const {name, file} of list) {
    for (const seed of seeds) {
      for (const group of groups) {
        const run = await runProfile(file, {
          contenders: group, seed, congestion: options.congestion, proxy: options.proxy,
          warmUp: Number(options['warm-up']), seconds: Number(options.seconds),
        });
        results.push(...run.map((result) => ({profile: name, seed, ...result})));
        console.error(markdown(figuresOf(results.slice(-run.length))));
      }
    }
  }
  return results;
}

/** The comment that a profile begins with. */
async function commentOf(file) {
  const lines = (await readFile(file, 'utf8')).split('\n');
  return lines.slice(0, lines.findIndex((line) => !line.startsWith('#')))
      .map((line) => line.replace(/^# ?/, '')).join(' ');
}

async function writeResults(list, results, medians) {
  const folder = path.resolve(CALLER, options.out);
  await mkdir(folder, {recursive: true});
  await writeFile(path.join(folder, 'links.json'), JSON.stringify(results));
  const comments = Object.fromEntries(await Promise.all(list.map(
      async ({name, file}) => [name, await commentOf(file)])));
  await writeFile(path.join(folder, 'links.html'), renderPage({results: medians, comments, about: [
    ['when', new Date().toISOString()],
    ['machine', `Linux ${os.release()}, ${os.availableParallelism()} cores`],
    ['links', [...new Set(results.map(({network, congestion}) => `${network}, TCP ${congestion}`))].join('; ')],
    ['contenders', options.together ? 'at the same time, on links of their own' : 'one after the other'],
    ['runs', `${options.seconds} s after ${options['warm-up']} s; seeds: ${options.seeds || "the profiles' own"}`],
  ]}));
  console.log(`\n${path.join(folder, 'links.html')}`);
}

if (options.help) {
  console.log(HELP);
} else {
  const list = await profiles();
  const results = await runAll(list);
  const medians = mediansOf(results);
  console.log(`\n${markdown(figuresOf(medians))}\n\n${markdown(ratiosOf(medians))}`);
  await writeResults(list, results, medians);
}
process.exit(0);
