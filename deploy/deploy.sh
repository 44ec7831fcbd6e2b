#!/bin/bash
# Installs pistream on a Raspberry Pi and starts it:
#
#   bazel run //:deploy -- [USER@]HOST [OPTION...]
#
#   --port N        the Pi's ssh port
#   -F FILE         ssh's configuration file, instead of your default
#   --config FILE   pistream's configuration (TOML); default: the one on the Pi is kept
#   --binary FILE   an executable to install instead of the one built here
#   --uninstall     removes pistream
#
# Run it again to upgrade; a version that fails to start is rolled back. Needs ssh, and root's rights
# on the Pi, directly or by sudo.
set -euo pipefail

usage() { sed -n '2,/^set/s/^#\( \|$\)//p' "$0"; }

die() {
  echo "deploy: $*" >&2
  exit 1
}

# Paths are relative to the directory in which the user ran the command.
from_user() { (cd "${BUILD_WORKING_DIRECTORY:-.}" && realpath -e "$1") || die "there is no file $1"; }

here=deploy
binary=$here/pistream_aarch64
host='' config='' action=install
options=(-o ConnectTimeout=20)
while (($#)); do
  case $1 in
    --port) options+=(-o "Port=${2:?--port needs a number}"); shift ;;
    -F) options+=(-F "$(from_user "${2:?-F needs a file}")"); shift ;;
    --config) config=$(from_user "${2:?--config needs a file}"); shift ;;
    --binary) binary=$(from_user "${2:?--binary needs a file}"); shift ;;
    --uninstall) action=uninstall ;;
    --help | -h) usage; exit ;;
    -*) die "there is no option $1; see --help" ;;
    *) [[ ! $host ]] || die "one host, not '$host' and '$1'"; host=$1 ;;
  esac
  shift
done
[[ $host ]] || { usage >&2; exit 2; }

# One shared connection, so that ssh asks for a password only once.
sockets=$(mktemp -d)
options+=(-o ControlMaster=auto -o "ControlPath=$sockets/%C" -o ControlPersist=yes)
hang_up() {
  ssh "${options[@]}" -O exit "$host" 2>/dev/null || true
  rm -rf "$sockets"
}
trap hang_up EXIT

on_pi() { ssh "${options[@]}" "$host" "$@"; }

# The response to GET /healthz at ADDRESS:PORT of the Pi, through ssh: needs no program on the Pi.
health() {
  printf 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' |
    ssh "${options[@]}" -W "$1" "$host" 2>/dev/null | tr -d '\r'
}

machine=$(on_pi uname -m) || die "cannot log in to $host by ssh, see above"
if [[ $action == install && $machine != aarch64 ]]; then
  die "$host runs a system for $machine; pistream needs a 64-bit one (aarch64): install the 64-bit Raspberry Pi OS"
fi

folder=$(on_pi mktemp -d /tmp/pistream.XXXXXX)
trap 'on_pi rm -rf "$folder" || true; hang_up' EXIT
files=("$here"/{on_pi.sh,pistream.service,pistream.toml})
[[ $action == uninstall ]] || files+=("$binary")
scp -q "${options[@]}" "${files[@]}" "$host:$folder/" || die "cannot copy to $host, see above"
[[ $action == uninstall ]] || on_pi mv "$folder/${binary##*/}" "$folder/pistream"
if [[ $config ]]; then
  scp -q "${options[@]}" "$config" "$host:$folder/given.toml" || die "cannot copy $config to $host"
fi

# sudo may ask for a password.
root() {
  local terminal=-T
  [[ ! -t 0 ]] || terminal=-tt
  ssh "$terminal" "${options[@]}" "$host" \
    "if [ \$(id -u) = 0 ]; then sh $folder/on_pi.sh $*; else sudo sh $folder/on_pi.sh $*; fi"
}

if [[ $action == uninstall ]]; then
  root uninstall
  exit
fi

on_pi sh "$folder/on_pi.sh" check "$host" || exit 1
root install || die "pistream was not installed; nothing on $host was changed"
endpoint=$(on_pi sh "$folder/on_pi.sh" endpoint)

# True as soon as pistream responds; false if it has exited, or does not respond in time.
serves() {
  local try response
  for ((try = 0; try < 60; ++try)); do
    response=$(health "$endpoint" || true)
    if [[ $response == 'HTTP/1.1 '* ]]; then
      [[ $response == 'HTTP/1.1 200'* ]] || echo "deploy: pistream runs, but is unhealthy: ${response#*$'\n\n'}"
      return 0
    fi
    on_pi sh "$folder/on_pi.sh" runs || return 1
    sleep 0.5
  done
  return 1
}

if serves; then
  name=${host#*@}
  echo "pistream runs on $host: http://$name:${endpoint##*:}/"
  classic=$(on_pi sh "$folder/on_pi.sh" classic_port)
  [[ $classic == off || $classic == 0 ]] || echo "Pages made for pistreaming watch at ws://$name:$classic/"
  on_pi sh "$folder/on_pi.sh" is_open &&
    echo "Anyone on the network can watch: 'address' in /etc/pistream.toml can restrict that."
  exit 0
fi
echo "deploy: pistream does not run on $host. The end of its log:" >&2
root log >&2
if root roll_back; then
  endpoint=$(on_pi sh "$folder/on_pi.sh" endpoint)
  serves || die "rolled back, but the previous version does not run any more either"
  die "rolled back: the previous version runs again"
fi
root uninstall >/dev/null
die "there is no previous version to roll back to: pistream was removed again"
