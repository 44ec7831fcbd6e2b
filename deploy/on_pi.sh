#!/bin/sh
# The part of deploy.sh that runs on the Pi: on_pi.sh COMMAND. For any POSIX shell. The new files are in
# this script's folder, which only the user who deploys can read; only standard tools are needed.
set -eu
new=$(dirname "$0")
binary=/usr/local/bin/pistream
config=/etc/pistream.toml
tokens=/etc/pistream-tokens
unit=/etc/systemd/system/pistream.service
previous=/var/lib/pistream/previous
state=/var/lib/pistream-state
pid_file=/run/pistream.pid
log_file=/var/log/pistream.log

# Whether systemd is running, not only installed.
has_systemd() { [ -d /run/systemd/system ]; }

# Debian's name of the package with a shared library.
package_of() {
  case $1 in
    libcrypto.so.3 | libssl.so.3) echo libssl3t64 ;;
    libcamera-base.so.*) echo "libcamera${1#libcamera-base.so.}" ;;
    libgcc_s.so.1) echo libgcc-s1 ;;
    *) echo "$1" | sed 's/\.so\.//' ;;
  esac
}

# Installed versions of libcamera: 0.5 0.6
libcameras() {
  for file in /usr/lib/aarch64-linux-gnu/libcamera.so.*; do
    [ ! -e "$file" ] || echo "${file##*/libcamera.so.}"
  done | grep -E '^[0-9]+\.[0-9]+$' | tr '\n' ' ' | sed 's/ $//'
}

# Prints which libraries are missing on HOST, and fails if any is.
check() {
  # Lists libraries by the loader, which every system with glibc has, unlike ldd.
  found=$(LD_TRACE_LOADED_OBJECTS=1 "$new/pistream" 2>&1) || true
  if echo "$found" | grep -q "version .* not found"; then
    echo "deploy: the system on $1 is older than Debian 13 (2025), or its libraries are:" >&2
    echo "$found" | grep "version .* not found" >&2
    echo "Install a newer Raspberry Pi OS, or build against this one: ./dev sysroot $1" >&2
    exit 1
  fi
  missing=$(echo "$found" | awk '/not found/ { print $1 }')
  [ "$missing" ] || return 0
  wanted=$(echo "$missing" | sed -n 's/^libcamera\.so\.//p')
  if [ "$wanted" ] && [ "$(libcameras)" ]; then
    echo "deploy: $1 has libcamera $(libcameras), this pistream was built against $wanted. Build against the Pi's own:
  ./dev sysroot $1
  PISTREAM_SYSROOT=\$PWD/pi-sysroot bazel run //:deploy -- $1" >&2
    exit 1
  fi
  packages=$(for library in $missing; do package_of "$library"; done | sort -u | tr '\n' ' ' | sed 's/ $//')
  # Without it, libcamera has no image processing and finds no camera.
  [ ! "$wanted" ] || packages="$packages libcamera-ipa"
  echo "deploy: libraries are missing on $1. Install them there:
  sudo apt install $packages" >&2
  [ ! "$wanted" ] || echo "(libcamera$wanted may need: -t trixie-backports)" >&2
  exit 1
}

stop() {
  if has_systemd; then
    [ ! -e $unit ] || systemctl stop pistream
  elif runs; then
    pid=$(cat $pid_file)
    kill "$pid"
    tries=0
    while kill -0 "$pid" 2>/dev/null && [ $tries -lt 20 ]; do
      sleep 0.5
      tries=$((tries + 1))
    done
    kill -9 "$pid" 2>/dev/null || true
  fi
  rm -f $pid_file
}

start() {
  if has_systemd; then
    # Reloading units takes seconds: once, after all files are in place.
    systemctl enable --quiet --no-reload pistream
    systemctl daemon-reload
    systemctl restart pistream || true
  else
    # As in pistream.service.
    for module in tcp_bbr tls; do modprobe -q $module 2>/dev/null || true; done
    allowed=/proc/sys/net/ipv4/tcp_allowed_congestion_control
    grep -qw bbr $allowed || echo "$(cat $allowed) bbr" 2>/dev/null >$allowed || true
    # As a user that has access to the cameras and nothing else.
    mkdir -p $state
    chown nobody $state
    chmod 700 $state
    set -- --config $config
    if [ -e $tokens ] && ! auth_settings $config | grep -q '^tokens='; then
      chown nobody $tokens
      set -- "$@" --auth-tokens $tokens
    fi
    STATE_DIRECTORY=$state setsid start-stop-daemon -S -c nobody:video -x $binary -- "$@" \
      </dev/null >$log_file 2>&1 &
    echo $! >$pid_file
  fi
}

runs() {
  if has_systemd; then
    systemctl is-active --quiet pistream
  else
    [ -e $pid_file ] && kill -0 "$(cat $pid_file)" 2>/dev/null
  fi
}

log() {
  if has_systemd; then
    journalctl --unit pistream --lines 10 --output cat --no-pager
  else
    tail -n 10 $log_file
  fi
}

# Copies the installed files to $previous.
keep() {
  rm -rf $previous
  mkdir -p $previous
  for file in $binary $config $tokens $unit; do
    [ ! -e $file ] || cp -p $file $previous/
  done
}

# Copies a file next to the one that it will replace, so that a failure (a full disk) happens while
# pistream is still running.
lay_down() {
  mkdir -p "$(dirname "$2")"
  cp "$1" "$2.new"
  chmod "$3" "$2.new"
}

# An executable in use cannot be overwritten, but can be replaced.
replace() {
  for file in $binary $config $tokens $unit; do
    [ ! -e $file.new ] || mv -f $file.new $file
  done
}

drop() { rm -f $binary.new $config.new $tokens.new $unit.new; }

# What a configuration says about who may watch, one NAME=VALUE a line: mode=none
auth_settings() {
  awk '
    { line = $0; sub(/#.*/, "", line); gsub(/["\047 \t\r]/, "", line) }
    line ~ /^\[/ { inside = line == "[auth]"; table = 1; next }
    inside { print line }
    !table && sub(/^auth\./, "", line) { print line }
    !table && sub(/^auth=\{/, "", line) { sub(/\}$/, "", line); gsub(/,/, "\n", line); print line }
  ' "$1" | grep . || true
}

refuse() {
  echo "deploy: $*" >&2
  exit 1
}

# Lets everybody watch whom the address lets connect.
open_up() {
  case $(auth_settings "$1") in
    mode=none) return ;;
    ?*) refuse "--open, but $config says who may watch: set mode = \"none\" there" ;;
  esac
  ! grep -Eq '^[[:space:]]*(\[auth\]|auth[[:space:]]*=)' "$1" ||
    refuse "--open, but $config has a table auth: add mode = \"none\" there"
  {
    echo '# Added by deploy --open: anyone on the network can watch and control (docs/operations.md).'
    echo 'auth.mode = "none"'
    cat "$1"
  } >$config.opened
  mv $config.opened $config.new
  chmod 644 $config.new
}

# Makes tokens for a configuration that needs some, and says what this changes. $2: --new-tokens, or nothing.
make_tokens() {
  case $(auth_settings "$1") in
    *tokens=*)
      [ ! "$2" ] || refuse "--new-tokens, but $config names a file of tokens: replace that"
      return 0
      ;;
    *mode=none*)
      [ ! "$2" ] || refuse "--new-tokens, but $config lets everybody watch: remove auth.mode = \"none\" there"
      return 0
      ;;
    *mode=tokens*) [ "$2" ] || [ ! -e $tokens ] || return 0 ;;
    *)
      if [ ! "$2" ]; then
        { [ ! -e $tokens ] && is_open "$1"; } || return 0
        [ ! -e $binary ] ||
          echo "Until now anyone on the network could watch. From now on, only who has a token ('deploy --open': all)."
      fi
      ;;
  esac
  rm -f $tokens.new
  "$new/pistream" --make-tokens $tokens.new >/dev/null
}

# For deploy.sh, which may not read the file of tokens.
tell_view_token() {
  if [ -e $tokens ] && ! auth_settings $config | grep -Eq '^(mode=none|tokens=)'; then
    sed -n 's/^view = "\(.*\)"$/\1/p' $tokens >"$new/view_token"
    chmod 644 "$new/view_token"
  fi
}

# install [--open | --new-tokens]. If it fails, everything is as before.
install() {
  trap drop EXIT
  keep
  lay_down "$new/pistream" $binary 755
  file=$config
  if [ -e "$new/given.toml" ]; then
    file=$new/given.toml
  elif [ ! -e $config ]; then
    file=$new/pistream.toml
  fi
  [ "$file" = $config ] || lay_down "$file" $config 644
  if [ "${1-}" = --open ]; then
    open_up "$file"
  else
    make_tokens "$file" "${1-}"
  fi
  if has_systemd; then
    lay_down "$new/pistream.service" $unit 644
    # A unit whose credential is missing does not start.
    [ -e $tokens ] || [ -e $tokens.new ] ||
      sed -i "/^LoadCredential=/d; s| --auth-tokens $tokens$||" $unit.new
  fi
  trap 'drop; roll_back' EXIT
  stop
  replace
  start
  tell_view_token
  trap - EXIT
}

# Without a previous version it removes pistream, and the exit code is 3.
roll_back() {
  if [ ! -e $previous/pistream ]; then
    [ -e $previous/pistream.toml ] || rm -f $config
    uninstall >/dev/null
    exit 3
  fi
  stop
  lay_down $previous/pistream $binary 755
  lay_down $previous/pistream.toml $config 644
  [ ! -e $previous/pistream.service ] || lay_down $previous/pistream.service $unit 644
  rm -f $tokens
  [ ! -e $previous/pistream-tokens ] || lay_down $previous/pistream-tokens $tokens 600
  replace
  start
}

uninstall() {
  stop
  if has_systemd && [ -e $unit ]; then
    systemctl disable --quiet --no-reload pistream
    # Otherwise systemd keeps listing the unit if it has failed.
    systemctl reset-failed --quiet pistream 2>/dev/null || true
    rm -f $unit
    systemctl daemon-reload
  fi
  # systemd's StateDirectory= is a link to the second, because of DynamicUser=.
  rm -rf $binary $tokens /var/lib/pistream $log_file $state "/var/lib/private/${state##*/}"
  # A configuration that the user has changed is kept.
  if [ -e $config ] && ! cmp -s "$new/pistream.toml" $config; then
    echo "pistream was removed; its configuration was kept: $config"
  else
    rm -f $config
    echo "pistream was removed"
  fi
}

# The value of a name in a configuration, without its quotes; nothing if it has none.
configured() {
  sed -n "s/^[[:space:]]*$1[[:space:]]*=[[:space:]]*[\"']\{0,1\}\([^\"'#[:space:]]*\).*/\1/p" "${2-$config}"
}

# ADDRESS:PORT for connections from this machine.
endpoint() {
  address=$(configured address)
  port=$(configured port)
  case $address in
    '' | 0.0.0.0) address=127.0.0.1 ;;
    ::) address=[::1] ;;
    *:*) address=[$address] ;;
  esac
  echo "$address:${port:-8082}"
}

# The port for pages made for pistreaming, or "off".
classic_port() {
  port=$(configured ws-port)
  echo "${port:-8084}"
}

# Whether other machines can connect, if only through a proxy.
is_open() {
  case $(configured address "${1-$config}") in
    '' | 127.* | ::1) grep -Eq '^[[:space:]]*(trusted-proxy|host-name)[[:space:]]*=' "${1-$config}" ;;
  esac
}

# Whether all of them may watch.
is_for_everybody() { is_open && auth_settings $config | grep -qx mode=none; }

"$@"
