#!/bin/bash
# run.sh test SPEC...: runs Playwright; run.sh SCRIPT: runs that script. In a folder of its own: node
# follows symlinks, so a spec run from the runfiles would look for node_modules beside the real file.
set -eu
: "${TEST_TMPDIR:=$(mktemp -d)}"
export TEST_UNDECLARED_OUTPUTS_DIR=${TEST_UNDECLARED_OUTPUTS_DIR:-$TEST_TMPDIR/outputs}
work=$TEST_TMPDIR/e2e
mkdir -p "$work" "$TEST_UNDECLARED_OUTPUTS_DIR"
cp -RL e2e/. "$work"
ln -s "$(realpath ../npm_e2e/node_modules)" "$work/node_modules"
[ ! -e ../npm_links/node_modules ] || ln -s "$(realpath ../npm_links/node_modules)" "$work/links/node_modules"
# Browsers want a home to write to.
export HOME=$TEST_TMPDIR
SCENARIOS=sim/scenarios
# Bazel's paths are relative to here; what they name is asked for elsewhere.
for name in PISTREAM DECODER PAINT SCENARIOS EMULATOR LINK_EMULATOR VIRTUAL_PI RAW_VIDEO FRAMES VIMC; do
  [ -z "${!name-}" ] || export "$name=$PWD/${!name}"
done
cd "$work"
if [ "$1" = test ]; then
  exec node node_modules/@playwright/test/cli.js "$@"
fi
exec node "$@"
