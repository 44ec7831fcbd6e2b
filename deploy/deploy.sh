#!/bin/bash
# Installs pistream on a Raspberry Pi and starts it:
#
#   bazel run //:deploy -- [USER@]HOST [OPTION...]
#
#   --port N        the Pi's ssh port
#   -F FILE         ssh's configuration file, instead of your default
#   --config FILE   pistream's configuration (TOML); default: the one on the Pi is kept
#   --binary FILE   an executable to install instead of the one built here
#   --open          lets everybody watch and control; otherwise, two tokens are made where there are none
#   --new-tokens    replaces the tokens, which ends all sessions
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
host='' config='' action=install access=''
options=(-o ConnectTimeout=20)
while (($#)); do
  case $1 in
    --port) options+=(-o "Port=${2:?--port needs a number}"); shift ;;
    -F) options+=(-F "$(from_user "${2:?-F needs a file}")"); shift ;;
    --config) config=$(from_user "${2:?--config needs a file}"); shift ;;
    --binary) binary=$(from_user "${2:?--binary needs a file}"); shift ;;
    --open | --new-tokens)
      [[ ! $access || $access == "$1" ]] || die "either --open or --new-tokens"
      access=$1
      ;;
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

# response ADDRESS:PORT PATH HOST: the Pi's response to GET PATH, through ssh: needs no program on the Pi.
response() {
  printf 'GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' "$2" "$3" |
    ssh "${options[@]}" -W "$1" "$host" 2>/dev/null | tr -d '\r'
}

# The SHA-256 fingerprint of the certificate that ADDRESS:PORT of the Pi has, as browsers show it; nothing without TLS.
fingerprint() {
  ssh "${options[@]}" -O forward -L "$sockets/tls:$1" "$host" 2>/dev/null || return 0
  openssl s_client -unix "$sockets/tls" </dev/null 2>/dev/null |
    openssl x509 -noout -fingerprint -sha256 2>/dev/null | cut -d= -f2 || true
}

# The name by which other machines find the Pi: not an alias of ssh's configuration.
name_of_host() { ssh "${options[@]}" -G "$host" | sed -n 's/^hostname //p'; }

# As a QR code, if there is the program for it. From stdin: others can see a process's arguments.
qr_code() {
  if command -v qrencode >/dev/null; then
    qrencode -t ANSIUTF8 -m 2
  else
    echo "(With 'apt install qrencode', deploy shows this address as a QR code.)"
  fi
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
root install $access || die "pistream was not installed, see above; $host has what it had before"
endpoint=$(on_pi sh "$folder/on_pi.sh" endpoint)

# True as soon as pistream responds; false if it has exited, or does not respond in time.
serves() {
  local try response
  for ((try = 0; try < 60; ++try)); do
    response=$(response "$endpoint" /healthz localhost || true)
    if [[ $response == 'HTTP/1.1 '* ]]; then
      [[ $response == 'HTTP/1.1 200'* ]] || echo "deploy: pistream runs, but is unhealthy: ${response#*$'\n\n'}"
      return 0
    fi
    on_pi sh "$folder/on_pi.sh" runs || return 1
    sleep 0.5
  done
  return 1
}

# What a person has to know: where to watch, and who may.
introduce() {
  local name port=${endpoint##*:} scheme=http certificate token classic
  name=$(name_of_host)
  [[ $name != *:* ]] || name="[$name]"
  certificate=$(fingerprint "$endpoint")
  [[ ! $certificate ]] || scheme=https
  echo "pistream runs on $host: $scheme://$name:$port/"
  [[ ! $certificate ]] || echo "Its certificate's fingerprint (SHA-256): $certificate"
  if [[ $(response "$endpoint" /index.html "$name:$port") == 'HTTP/1.1 421'* ]]; then
    echo "deploy: pistream does not know its name $name: add host-name = [\"$name\"] to /etc/pistream.toml"
  fi
  classic=$(on_pi sh "$folder/on_pi.sh" classic_port)
  [[ $classic == off || $classic == 0 ]] ||
    echo "Pages made for pistreaming watch at ${scheme/http/ws}://$name:$classic/"
  token=$(on_pi "cat $folder/view_token 2>/dev/null || true")
  if [[ $token ]]; then
    echo "Who has this address can watch:"
    echo "  $scheme://$name:$port/#t=$token"
    printf '%s' "$scheme://$name:$port/#t=$token" | qr_code
    echo "The token to control is in /etc/pistream-tokens on $host."
  elif on_pi sh "$folder/on_pi.sh" is_for_everybody; then
    echo "Anyone on the network can watch and control. To require tokens, remove auth.mode = \"none\" from"
    echo "/etc/pistream.toml and deploy again."
  fi
}

if serves; then
  introduce
  exit 0
fi
echo "deploy: pistream does not run on $host. The end of its log:" >&2
root log >&2
rolled_back=0
root roll_back || rolled_back=$?
case $rolled_back in
  0) ;;
  3) die "there is no previous version to roll back to: pistream was removed again" ;;
  *) die "the previous version could not be restored, see above" ;;
esac
endpoint=$(on_pi sh "$folder/on_pi.sh" endpoint)
serves || die "rolled back, but the previous version does not run any more either"
die "rolled back: the previous version runs again"
