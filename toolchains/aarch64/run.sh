#!/bin/bash
# Runs an aarch64 program in qemu's user emulation, with the sysroot for its root; anything else as
# it is (a test may be a script). For `bazel test --run_under`, and for tests on the host that take
# an aarch64_executable as data.
#
# A program that starts another aarch64 program must start it through $PISTREAM_EMULATOR: the
# kernel may not know aarch64 programs.
set -eu
root=$(echo "${RUNFILES_DIR:-${TEST_SRCDIR:-$0.runfiles}}"/*sysroot_arm64/root)
[[ -d $root ]] || { echo "$0: no sysroot at $root" >&2; exit 1; }
# The ELF header's machine: 183 is aarch64.
if [[ $(od -An -N4 -c "$1") == *E*L*F* && $(od -An -tu2 -j18 -N2 "$1") -eq 183 ]]; then
  # Debian 12 has qemu-user-static, Debian 13 qemu-user.
  PISTREAM_EMULATOR=$(command -v qemu-aarch64-static || command -v qemu-aarch64) ||
    { echo "$0: no qemu-aarch64: sudo apt install qemu-user-static (Debian 13: qemu-user)" >&2; exit 1; }
  export PISTREAM_EMULATOR QEMU_LD_PREFIX=$root
  # A Pi 4's processor. qemu 7.2's default, `max`, has pointer authentication and computes it in
  # software: Debian 13's programs, which sign each return address, run up to 20 times slower.
  export QEMU_CPU=cortex-a72
  exec "$PISTREAM_EMULATOR" "$@"
fi
exec "$@"
