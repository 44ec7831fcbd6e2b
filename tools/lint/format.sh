#!/bin/bash
# Every C++ file of the repository is as clang-format 19 would write it: format.sh WORKSPACE
# Without an argument, by `bazel run //tools/lint:format`, writes them so.
set -euo pipefail
tool=/usr/bin/clang-format-19
[[ -x $tool ]] || { echo "$tool is missing: sudo apt install clang-format-19" >&2; exit 1; }
if (($#)); then
  cd "$(dirname "$(readlink -f "$1")")"
  action=(--dry-run -Werror)
else
  cd "$BUILD_WORKSPACE_DIRECTORY"
  action=(-i)
fi
mapfile -d '' files < <(find src sim web tests tools e2e -name node_modules -prune -o \
  '(' -name '*.cc' -o -name '*.h' ')' -type f -print0)
((${#files[@]})) || { echo "no C++ file found in $PWD" >&2; exit 1; }
"$tool" "${action[@]}" "${files[@]}"
echo "${#files[@]} files are well formatted"
