#!/bin/bash
# Unpacks Debian packages of any architecture into the current folder; nothing is installed.
#
#   unpack_debian.sh sysroot ARCH SUITE PACKAGE...  the packages and all they depend on, into root/
#   unpack_debian.sh headers ARCH SUITE PACKAGE...  each alone, its /usr/include into include/PACKAGE/
#   unpack_debian.sh source  ARCH SUITE PACKAGE     the upstream sources of one, into PACKAGE/
#   unpack_debian.sh alone   ARCH SUITE PACKAGE...  the packages whole, without what they depend on,
#                                                   into root/
#   unpack_debian.sh kernel  ARCH SUITE FOLDER      what a module of SUITE's kernel is built with: its
#                                                   headers into root/, and of the kernel's sources
#                                                   FOLDER into source/
#
# PACKAGE/SUITE-backports takes that package from SUITE's backports; with `alone`, PACKAGE> takes the
# one that PACKAGE, which has no files itself, depends on. manifest.txt then names what was unpacked,
# with its checksum.
#
# apt runs with a configuration of its own and an empty package database: this machine's is neither
# read nor changed, and no rights are needed. The mirror is the one this machine's own apt uses;
# PISTREAM_DEBIAN_MIRROR overrides it (needed where the machine is not a Debian).
set -euo pipefail
export LC_ALL=C
mode=$1 arch=$2 suite=$3
shift 3
apt=$PWD/apt

die() {
  echo "unpack_debian.sh: $*" >&2
  exit 1
}

find_mirror() {
  if [[ -n ${PISTREAM_DEBIAN_MIRROR:-} ]]; then
    echo "$PISTREAM_DEBIAN_MIRROR"
    return
  fi
  # Before the first `apt update`, apt does not know whose mirrors they are: then by the address.
  apt-get indextargets --format '$(REPO_URI) $(ORIGIN) $(LABEL)' | awk '
    $2 == "Debian" && $3 == "Debian" && !known { known = $1 }
    $1 ~ /\/debian\/?$/ && !guessed { guessed = $1 }
    END { print known ? known : guessed }'
}

configure_apt() {
  local mirror keyring=/usr/share/keyrings/debian-archive-keyring.gpg s
  mirror=$(find_mirror)
  [[ -n $mirror ]] || die "apt on this machine knows no Debian mirror: run 'apt update' as root, or set PISTREAM_DEBIAN_MIRROR"
  [[ -e $keyring ]] || die "$keyring is missing: apt install debian-archive-keyring"
  mkdir -p "$apt"/{lists,archives}/partial "$apt/empty"
  : >"$apt/status"
  for s in "$suite" "$suite-backports"; do
    echo "deb [arch=$arch signed-by=$keyring] $mirror $s main"
    [[ $mode != source ]] || echo "deb-src [signed-by=$keyring] $mirror $s main"
  done >"$apt/sources.list"
  cat >"$apt/apt.conf" <<CONF
APT::Architecture "$arch";
APT::Architectures { "$arch"; };
APT::Install-Recommends "false";
APT::Sandbox::User "";
APT::Update::Error-Mode "any";
Acquire::Languages "none";
Acquire::Retries "3";
Debug::NoLocking "true";
Dir::State "$apt";
Dir::State::status "$apt/status";
Dir::Cache "$apt";
Dir::Log "$apt";
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "$apt/empty";
Dir::Etc::parts "$apt/empty";
Dir::Etc::preferencesparts "$apt/empty";
Dir::Etc::trustedparts "$apt/empty";
CONF
  export APT_CONFIG=$apt/apt.conf
  apt-get -qq update || die "cannot read Debian $suite's package lists from $mirror"
}

# apt's own words only if it fails.
quietly() {
  "$@" >"$apt/log" 2>&1 || { cat "$apt/log" >&2; die "failed: $*"; }
}

unpack_sysroot() {
  local deb link target
  quietly apt-get -y --download-only install "$@"
  mkdir -p root/usr/lib
  ln -s usr/lib root/lib
  for deb in "$apt"/archives/*.deb; do
    dpkg-deb --fsys-tarfile "$deb" | tar -x -C root --keep-directory-symlink --no-same-owner \
      --exclude=./usr/share/{doc,man,locale,lintian,bug,info} \
      --exclude=./usr/{bin,sbin,libexec} --exclude=./{bin,sbin,etc,var}
  done
  # Static libraries are linked by nobody, but for the compiler's and libc's own parts.
  find root -name '*.a' ! -path '*/gcc/*' ! -name 'lib*_nonshared.a' ! -name 'libpthread.a' \
    ! -name 'libdl.a' ! -name 'librt.a' ! -name 'libm.a' ! -name 'libmvec.a' ! -name 'libm-*.a' -delete
  find root -type l -lname '/*' -printf '%p %l\n' | while read -r link target; do
    ln -sfn --relative "root$target" "$link"
  done
  find root -xtype l -delete
  (cd "$apt/archives" && sha256sum -- *.deb) >manifest.txt
}

unpack_headers() {
  local package
  (cd "$apt/archives" && quietly apt-get download "$@")
  for package in "$@"; do
    mkdir -p "include/$package"
    dpkg-deb --fsys-tarfile "$apt"/archives/"${package%%/*}"_*.deb |
      tar -x -C "include/$package" --no-same-owner --strip-components=3 ./usr/include
  done
  (cd "$apt/archives" && sha256sum -- *.deb) >manifest.txt
}

unpack_source() {
  (cd "$apt/archives" && quietly apt-get source --tar-only "$1")
  mkdir "$1"
  tar -x -f "$apt"/archives/*.orig.tar.* -C "$1" --no-same-owner --strip-components=1
  # Upstream's own Bazel packages would cut ours in pieces.
  find "$1" '(' -name BUILD -o -name BUILD.bazel -o -name 'WORKSPACE*' -o -name MODULE.bazel ')' -delete
  (cd "$apt/archives" && sha256sum -- *.orig.tar.*) >manifest.txt
}

# The first package matching PATTERN, an awk one, that PACKAGE depends on: dependency PACKAGE PATTERN
dependency() {
  # To its end: apt-cache must not find its reader gone.
  apt-cache depends "$1" | awk -v pattern="$2" '
    !found && $1 == "Depends:" && $2 ~ pattern { print $2; found = 1 }
    END { exit !found }' || die "$1 depends on no package $2"
}

unpack_alone() {
  local package packages=() deb
  for package in "$@"; do
    if [[ $package == *'>' ]]; then
      package=$(dependency "${package%>}" .)
    fi
    packages+=("$package")
  done
  (cd "$apt/archives" && quietly apt-get download "${packages[@]}")
  mkdir -p root/usr/{bin,lib,sbin}
  ln -s usr/{bin,lib,sbin} root
  for deb in "$apt"/archives/*.deb; do
    dpkg-deb --fsys-tarfile "$deb" | tar -x -C root --keep-directory-symlink --no-same-owner \
      --exclude=./usr/share/{doc,man,locale,lintian,bug,info}
  done
  # Bazel refuses links that lead nowhere, or to this machine's /dev/null.
  find root -type l '(' -lname '/*' -o -xtype l ')' -delete
  (cd "$apt/archives" && sha256sum -- *.deb) >manifest.txt
}

unpack_kernel() {
  local headers common source deb
  headers=$(dependency "linux-headers-$arch" "^linux-headers-")
  common=$(dependency "$headers" "^linux-headers-.*-common$")
  source=$(dependency linux-source "^linux-source-")
  (cd "$apt/archives" && quietly apt-get download "$headers" "$common" "$source")
  mkdir root source
  for deb in "$apt"/archives/linux-headers-*.deb; do
    dpkg-deb --fsys-tarfile "$deb" | tar -x -C root --no-same-owner --exclude=./usr/share
  done
  # To programs of the kernel's build system, in a package of their own.
  find root -xtype l -delete
  dpkg-deb --fsys-tarfile "$apt"/archives/linux-source-*.deb |
    tar -xO --wildcards './usr/src/linux-source-*.tar.xz' |
    tar -xJ -C source --no-same-owner --wildcards --transform 's:.*/::' "*/$1/*"
  (cd "$apt/archives" && sha256sum -- *.deb) >manifest.txt
}

configure_apt
"unpack_$mode" "$@"
rm -rf "$apt"
# Bazel takes a folder's time of change for its contents: equal contents, equal time.
find . -mindepth 1 -maxdepth 2 -type d -exec touch -d @0 {} +
