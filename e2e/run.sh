#!/bin/bash
# Runs Playwright in a folder of its own: node follows symlinks, so a spec run from the runfiles
# would look for node_modules beside the real source file.
set -eu
: "${TEST_TMPDIR:=$(mktemp -d)}"
export TEST_UNDECLARED_OUTPUTS_DIR=${TEST_UNDECLARED_OUTPUTS_DIR:-$TEST_TMPDIR/outputs}
work=$TEST_TMPDIR/e2e
mkdir -p "$work" "$TEST_UNDECLARED_OUTPUTS_DIR"
cp -RL e2e/lib e2e/pages e2e/specs e2e/targets e2e/*.mjs "$work"
ln -s "$(realpath "$NODE_MODULES")" "$work/node_modules"
# Chromium wants a home to write to.
export HOME=$TEST_TMPDIR
export PISTREAM=$PWD/$PISTREAM WEB=$PWD/$WEB SCENARIOS=$PWD/sim/scenarios
cd "$work"
exec node node_modules/@playwright/test/cli.js "$@"
