#!/bin/bash
# Every C++ file of the repository is as clang-format 19 would write it: format_test.sh WORKSPACE
# To mend: ./dev format
set -euo pipefail
tool=/usr/bin/clang-format-19
[[ -x $tool ]] || { echo "$tool is missing: sudo apt install clang-format-19" >&2; exit 1; }
cd "$(dirname "$(readlink -f "$1")")"
mapfile -d '' files < <(find src sim web tests tools e2e -name node_modules -prune -o \
  '(' -name '*.cc' -o -name '*.h' ')' -type f -print0)
((${#files[@]})) || { echo "no C++ file found in $PWD" >&2; exit 1; }
"$tool" --dry-run -Werror "${files[@]}"
echo "${#files[@]} files are well formatted"
