#!/bin/bash
# Puts pistream on a Raspberry Pi and starts it there:
#
#   bazel run //:deploy -- [USER@]HOST [OPTION...]
#
#   --port N        the Pi's ssh port
#   -F FILE         ssh's configuration, in place of your own
#   --config FILE   pistream's configuration (TOML). Unless given, what is on the Pi stays
#   --binary FILE   an executable in place of the one built here
#   --uninstall     takes everything away again
#
# A second time it upgrades. What does not start is replaced by what ran before. Needs ssh, and on
# the Pi root's rights, directly or by sudo.
set -euo pipefail

usage() { sed -n '2,/^set/s/^#\( \|$\)//p' "$0"; }

die() {
  echo "deploy: $*" >&2
  exit 1
}

# Where the user stood when typing the command: paths are relative to that.
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

# One connection for everything, so that a password is asked for once.
sockets=$(mktemp -d)
options+=(-o ControlMaster=auto -o "ControlPath=$sockets/%C" -o ControlPersist=yes)
hang_up() {
  ssh "${options[@]}" -O exit "$host" 2>/dev/null || true
  rm -rf "$sockets"
}
trap hang_up EXIT

on_pi() { ssh "${options[@]}" "$host" "$@"; }

# The answer to GET /healthz at ADDRESS:PORT of the Pi, through ssh: the Pi needs no program for it.
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
root install || die "it was not installed; all on $host is as it was"
endpoint=$(on_pi sh "$folder/on_pi.sh" endpoint)

# True when it serves; false when it has ended, or when that takes too long.
serves() {
  local try answer
  for ((try = 0; try < 60; ++try)); do
    answer=$(health "$endpoint" || true)
    if [[ $answer == 'HTTP/1.1 '* ]]; then
      [[ $answer == 'HTTP/1.1 200'* ]] || echo "deploy: it serves, but is not well: ${answer##*$'\n'}"
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
    echo "Anyone on the network can watch: 'address' in /etc/pistream.toml says who may."
  exit 0
fi
echo "deploy: it does not serve on $host. The last it said:" >&2
root log >&2
if root roll_back; then
  endpoint=$(on_pi sh "$folder/on_pi.sh" endpoint)
  serves || die "what ran before does not serve any more either"
  die "rolled back: what ran before runs again"
fi
root uninstall >/dev/null
die "there was nothing before it to go back to: it was taken away again"
