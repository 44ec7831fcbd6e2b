#!/bin/bash
# The player's modules under Node's own test runner, each test bundled with what it tests.
set -eu
out=$TEST_TMPDIR/tests
node - ../npm_web/node_modules "$out" web/tests/*.test.mjs <<'SCRIPT'
const path = require('node:path');
const [modules, out, ...tests] = process.argv.slice(2);
const {buildSync} = require(path.resolve(modules, 'esbuild'));
buildSync({
  entryPoints: tests, outdir: out, outExtension: {'.js': '.mjs'}, bundle: true, platform: 'node',
  format: 'esm', target: 'es2022', preserveSymlinks: true, tsconfigRaw: '{}', sourcemap: 'inline',
});
SCRIPT
exec node --enable-source-maps --test "$out"/*.mjs
