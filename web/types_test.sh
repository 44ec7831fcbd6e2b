#!/bin/bash
# Checks the types of the page and the player. In a folder of its own: tsc follows links.
set -eu
work=$TEST_TMPDIR/web
mkdir -p "$work"
cp -RL web/page web/player web/tsconfig.json "$work"
exec node ../npm_web/node_modules/typescript/bin/tsc -p "$work"
