// Bundles the page and the player: node build.mjs NODE_MODULES WEB_FOLDER OUT_FOLDER
//
// OUT_FOLDER must hold decoder.wasm and decoder-scalar.wasm: jsmpg.js contains both.

import {copyFile, mkdir} from 'node:fs/promises';
import {createRequire} from 'node:module';
import path from 'node:path';

const [modules, web, out] = process.argv.slice(2).map((argument) => path.resolve(argument));
const {build} = createRequire(import.meta.url)(path.join(modules, 'esbuild'));

await mkdir(out, {recursive: true});

const common = {
  bundle: true,
  minify: true,
  charset: 'utf8',
  target: 'es2022',
  legalComments: 'none',
  logLevel: 'warning',
  // Bazel's inputs are links; what they import is beside the link, not beside the file.
  preserveSymlinks: true,
  tsconfigRaw: '{}',
};

// The page loads player.js from beside itself, wherever that is, so that it works under any path.
const playerBesidePage = {
  name: 'player-beside-page',
  setup: ({onResolve}) => onResolve({filter: /^pistream-player$/}, () => ({path: './player.js', external: true})),
};

const file = (name) => path.join(web, name);
const bundle = (source, name, options) =>
    build({...common, entryPoints: [file(source)], outfile: path.join(out, name), ...options});

await Promise.all([
  bundle('player/index.ts', 'player.js', {format: 'esm'}),
  bundle('player/worker.ts', 'worker.js', {format: 'iife'}),
  bundle('page/page.ts', 'page.js', {format: 'esm', plugins: [playerBesidePage]}),
  bundle('player/jsmpg.ts', 'jsmpg.js', {
    format: 'iife',
    loader: {'.wasm': 'binary'},
    alias: {
      'decoder.wasm': path.join(out, 'decoder.wasm'),
      'decoder-scalar.wasm': path.join(out, 'decoder-scalar.wasm'),
    },
  }),
  ...['index.html', 'style.css', 'favicon.svg'].map(
      (name) => copyFile(file(`page/${name}`), path.join(out, name))),
]);
