#!/bin/bash
# A test of the host runs an aarch64 program: aarch64_executable_test.sh EMULATOR PROGRAM
set -eu
output=$("$1" "$2")
[[ $output == aarch64 ]] || { echo "the program says it is '$output', not aarch64"; exit 1; }
