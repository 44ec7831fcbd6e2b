#!/bin/bash
# Guess: `clang -include-pch x.pch -MD` names x.pch in the depfile, since the object depends on it, as it
#   names every header that it reads.
# Truth: the depfile names the headers that were read when x.pch was made, as if they had been read now, and
#   not x.pch, the only one of these files that was opened. `-Xclang -fdepfile-entry=x.pch` adds it.
# Version: clang 19.1.7 (Debian 12 and 13). Date: 2026-11-28.
# Why it matters here: Bazel drops what a depfile does not name from an action's inputs. The headers' names are
#   those of the folder that x.pch was made in, a sandbox that is gone. Where they fall under the toolchain's
#   own folders, a changed header rebuilds x.pch and none of the sources that use it
#   (tools/precompiled_header.bzl).
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

case $(. /etc/os-release && echo "$VERSION_CODENAME") in
  bookworm) version=1:19.1.7-3~deb12u1 ;;
  trixie) version=1:19.1.7-3+b1 ;;
  *) echo "this runs on Debian 12 or 13" >&2; exit 2 ;;
esac
apt-get -q download "clang-19=$version" "libclang-cpp19=$version" "libllvm19=$version" \
  "libclang-common-19-dev=$version" >download.log 2>&1 || { cat download.log >&2; exit 2; }
for package in *.deb; do dpkg-deb -x "$package" root; done
clang=$folder/root/usr/lib/llvm-19/bin/clang
export LD_LIBRARY_PATH=$folder/root/usr/lib/llvm-19/lib:$folder/root/usr/lib/x86_64-linux-gnu

echo 'int answer();' >header.h
echo 'int main() { return answer(); }' >source.cc
"$clang" --version | head -1
"$clang" -x c++-header header.h -o header.pch
"$clang" -include-pch header.pch -MD -MF plain.d -c source.cc -o plain.o
"$clang" -include-pch header.pch -Xclang -fdepfile-entry=header.pch -MD -MF with_entry.d -c source.cc -o with_entry.o
tail -n +1 plain.d with_entry.d

grep -q 'header\.h' plain.d || { echo "changed: the headers in the file are not named" >&2; exit 1; }
! grep -q 'header\.pch' plain.d || { echo "changed: the precompiled header is named" >&2; exit 1; }
grep -q 'header\.pch' with_entry.d || { echo "changed: -fdepfile-entry adds nothing" >&2; exit 1; }
echo "as described"
