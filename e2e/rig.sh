#!/bin/bash
# Deploys to a Raspberry Pi, runs the end-to-end tests against it and, on a desktop, measures from glass
# to glass (docs/glass-to-glass.md):
#
#   ./dev rig [USER@]HOST [OPTION...]
#
#   --only SPEC     run only this spec of e2e/specs; repeatable
#   --port, -F, --config, --binary   as for bazel run //:deploy
#
# Nobody else should watch during the run, and the Pi's configuration must have the default size, frame
# rate and GOP. Results: rig-results/report.html.
set -euo pipefail

usage() { sed -n '2,/^set/s/^#\( \|$\)//p' "$0"; }

die() {
  echo "rig: $*" >&2
  exit 1
}

# All except soak tests and tests of browsers only.
specs=(classic delay faults monitor origin page pictures reconnect stream viewers)
host='' only=() ssh=() deploy=()
while (($#)); do
  case $1 in
    --only)
      [[ -e e2e/specs/${2-}.spec.mjs ]] || die "there is no spec '${2-}'; there are: ${specs[*]}"
      only+=("$2")
      shift
      ;;
    --port) ssh+=(-p "${2:?--port needs a number}"); deploy+=("$1" "$2"); shift ;;
    -F)
      file=$(cd "${BUILD_WORKING_DIRECTORY:-.}" && realpath -e "${2:?-F needs a file}") || exit 1
      ssh+=(-F "$file"); deploy+=(-F "$file"); shift
      ;;
    --config | --binary) deploy+=("$1" "${2:?$1 needs a file}"); shift ;;
    --help | -h) usage; exit ;;
    -*) die "there is no option $1; see --help" ;;
    *) [[ ! $host ]] || die "one host, not '$host' and '$1'"; host=$1 ;;
  esac
  shift
done
[[ $host ]] || { usage >&2; exit 2; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
deploy/deploy "$host" "${deploy[@]}" | tee "$work/said" || die "nothing was tested: the deployment failed, see above"

# The name may be known only to ssh, from its configuration.
machine=$(ssh -G "${ssh[@]}" "$host" | sed -n 's/^hostname //p')
address() { sed -n "s|.*\($1://\)[^ ]*:\([0-9]*/\).*|\1$machine:\2|p" "$work/said"; }
REMOTE_HTTP=$(address http)
REMOTE_WS=$(address ws)
[[ $REMOTE_WS ]] || die "the Pi's configuration has ws-port = \"off\" or 0; the tests need that port"
printf -v REMOTE_SSH '%s\n' "${ssh[@]}" "$host"
REMOTE_MODEL=$(ssh "${ssh[@]}" "$host" "tr -d '\\0' < /proc/device-tree/model" || true)
export REMOTE_HTTP REMOTE_WS REMOTE_MODEL REMOTE_SSH=${REMOTE_SSH%$'\n'}

export PISTREAM_TARGET=remote TEST_TARGET="the rig: $host" TEST_TMPDIR=$work
export TEST_UNDECLARED_OUTPUTS_DIR=${TEST_UNDECLARED_OUTPUTS_DIR:-${BUILD_WORKING_DIRECTORY:-$PWD}/rig-results}
# HOME differs in the tests; opening a window needs this file.
export XAUTHORITY=${XAUTHORITY:-${HOME-}/.Xauthority}
[[ ${#only[@]} -gt 0 ]] || only=("${specs[@]}")
echo "rig: testing $REMOTE_HTTP on ${REMOTE_MODEL:-a machine of unknown model}"
passed=yes
e2e/run.sh test "${only[@]/#/specs/}" || passed=
echo "rig: the results are in $TEST_UNDECLARED_OUTPUTS_DIR/report.html"
[[ $passed ]]
