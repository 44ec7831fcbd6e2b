#!/usr/bin/python3
"""Makes the virtual Pi's whole system: one uncompressed initramfs out of unpacked Debian packages.

With --addition, an archive to be unpacked over a running system's root: only what is named, with the
libraries and modules that it needs.

The kernel's format is "newc" cpio (Documentation/driver-api/early-userspace/buffer-format.rst in its
sources). Everything belongs to root and has the time 0, so equal inputs give equal bytes.
"""
import argparse
import fnmatch
import lzma
import os
import re
import stat
import subprocess
import sys

LIBRARIES = "usr/lib/aarch64-linux-gnu"
# The loader's, everybody's, and what systemd and sudo keep for themselves.
LIBRARY_FOLDERS = ("usr/lib", LIBRARIES, LIBRARIES + "/systemd", "usr/libexec/sudo")


class Cpio:
    """Collects a tree, then writes it."""

    def __init__(self):
        self._entries = {}  # path without the leading slash: (mode, contents)

    def __contains__(self, path):
        return path in self._entries

    def directory(self, path, permissions=0o755):
        if path and path not in self._entries:
            self.directory(os.path.dirname(path))
            self._entries[path] = (stat.S_IFDIR | permissions, b"")

    def file(self, path, contents, permissions=0o644):
        self.directory(os.path.dirname(path))
        self._entries[path] = (stat.S_IFREG | permissions, contents)

    def symlink(self, path, target):
        self.directory(os.path.dirname(path))
        self._entries[path] = (stat.S_IFLNK | 0o777, target.encode())

    def write(self, output):
        # A folder comes before what is in it: they are in the order in which they were added.
        for number, (path, (mode, contents)) in enumerate(self._entries.items(), start=1):
            self._write_entry(output, number, path, mode, contents)
        self._write_entry(output, 0, "TRAILER!!!", 0, b"")

    @staticmethod
    def _write_entry(output, number, path, mode, contents):
        name = path.encode() + b"\0"
        links = 2 if stat.S_ISDIR(mode) else 1
        # inode, mode, uid, gid, links, time, size, 2x device, 2x device of a node, name, checksum
        fields = (number, mode, 0, 0, links, 0, len(contents), 0, 0, 0, 0, len(name), 0)
        header = b"070701" + b"".join(b"%08x" % field for field in fields)
        output.write(_padded(header + name))
        output.write(_padded(contents))


def _padded(data):
    return data + b"\0" * (-len(data) % 4)


class Roots:
    """Unpacked packages, looked through in the order given."""

    def __init__(self, folders, readelf):
        self._folders = folders
        self._readelf = readelf

    def find(self, path):
        for folder in self._folders:
            candidate = os.path.join(folder, path)
            if os.path.exists(candidate):
                return candidate
        sys.exit(f"initramfs.py: none of the packages has {path}")

    def library(self, name):
        """Path of a shared library."""
        for folder in LIBRARY_FOLDERS:
            path = os.path.join(folder, name)
            if any(os.path.exists(os.path.join(root, path)) for root in self._folders):
                return path
        sys.exit(f"initramfs.py: none of the packages has the library {name}")

    def matches(self, pattern):
        """Paths of the files whose path matches, in every root; the last part may have wildcards."""
        folder, name = os.path.split(pattern)
        found = set()
        for root in self._folders:
            where = os.path.join(root, folder)
            names = os.listdir(where) if os.path.isdir(where) else []
            found.update(os.path.join(folder, each) for each in fnmatch.filter(names, name))
        if not found:
            sys.exit(f"initramfs.py: none of the packages has {pattern}")
        return sorted(found)

    def tree(self, path):
        """(path, None) of all files below, and (path, target) of all links."""
        top = self.find(path)
        for folder, folders, files in os.walk(top):
            for name in folders + files:
                source = os.path.join(folder, name)
                inside = os.path.join(path, os.path.relpath(source, top))
                if os.path.islink(source):
                    yield inside, os.readlink(source)
                elif name in files:
                    yield inside, None

    def needed_by(self, path):
        """Names of the shared libraries that an executable or a library needs."""
        with open(self.find(path), "rb") as file:
            if file.read(4) != b"\x7fELF":
                return []
        listing = subprocess.run(
            [self._readelf, "--needed-libs", self.find(path)], check=True, capture_output=True, text=True
        )
        return re.findall(r"^  (\S+)$", listing.stdout, re.MULTILINE)


class System:
    """The guest's files."""

    def __init__(self, roots):
        self.cpio = Cpio()
        self._roots = roots

    def add_skeleton(self):
        for folder in ("bin", "lib", "sbin"):
            self.cpio.symlink(folder, "usr/" + folder)
        for folder in ("dev", "proc", "run", "sys", "tmp", "var/lib", "var/log", "usr/local/bin"):
            self.cpio.directory(folder)
        self.cpio.directory("root", 0o700)

    def add(self, path):
        """A file, and the libraries it needs."""
        if path in self.cpio:
            return
        source = self._roots.find(path)
        with open(source, "rb") as file:
            self.cpio.file(path, file.read(), 0o755 if os.access(source, os.X_OK) else 0o644)
        for name in self._roots.needed_by(path):
            self.add(self._roots.library(name))

    def add_tree(self, path):
        """All files below, and the libraries they need; links stay links."""
        for file, target in sorted(self._roots.tree(path)):
            if target:
                self.cpio.symlink(file, target)
            else:
                self.add(file)

    def copy(self, path, new_path, permissions):
        with open(self._roots.find(path), "rb") as file:
            self.cpio.file(new_path, file.read(), permissions)

    def add_overlay(self, folder):
        """The project's own files, laid out as in the guest."""
        for parent, _, files in sorted(os.walk(folder)):
            for name in sorted(files):
                source = os.path.join(parent, name)
                with open(source, "rb") as file:
                    contents = file.read()
                permissions = 0o755 if contents.startswith(b"#!") else 0o644
                self.cpio.file(os.path.relpath(source, folder), contents, permissions)

    def add_modules(self, names, built):
        """Kernel modules, and those they depend on; lib/modules/order names them in loading order.

        Those of `built`, paths of .ko files, are not the packages'.
        """
        packaged = [path for path, _ in self._roots.tree("usr/lib/modules") if path.endswith(".ko.xz")]
        files = {_module_name(path): path for path in packaged + built}
        order = []

        def add(name):
            if name in order:
                return
            if name not in files:
                sys.exit(f"initramfs.py: the kernel has no module {name}")
            contents = self._module(files[name])
            for other in filter(None, _module_info(contents, "depends").split(",")):
                add(other.replace("-", "_"))
            self.cpio.file(f"usr/lib/modules/{name}.ko", contents)
            order.append(name)

        for name in names + [_module_name(path) for path in built]:
            add(name)
        self.cpio.file("usr/lib/modules/order", "".join(f"{name}\n" for name in order).encode())

    def _module(self, path):
        if path.endswith(".xz"):
            with lzma.open(self._roots.find(path)) as file:
                return file.read()
        with open(path, "rb") as file:
            contents = file.read()
        kernel = _module_info(contents, "vermagic").split()[0]
        kernels = os.listdir(self._roots.find("usr/lib/modules"))
        if kernel not in kernels:
            sys.exit(
                f"initramfs.py: {path} is for Linux {kernel}, the packages have {', '.join(kernels)}: get "
                "both of one day by bazel sync --only=virtual_pi_packages --only=virtual_pi_kernel"
            )
        return contents


def _module_name(path):
    return os.path.basename(path).split(".ko")[0].replace("-", "_")


def _module_info(contents, key):
    """Of a module's section .modinfo: KEY=VALUE strings, each ended by a zero."""
    return re.search(rb"\0%s=([^\0]*)\0" % key.encode(), contents).group(1).decode()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", action="append", required=True, help="unpacked packages")
    parser.add_argument("--addition", action="store_true", help="to a system that is there already")
    parser.add_argument("--overlay", required=True, help="folder of files of our own")
    parser.add_argument("--file", action="append", default=[], help="a path; wildcards in its name")
    parser.add_argument("--tree", action="append", default=[], help="a folder's path: all that is in it")
    parser.add_argument("--copy", action="append", default=[], help="PATH=NEW-PATH")
    parser.add_argument("--setuid", action="append", default=[], help="a file that runs as its owner, root")
    parser.add_argument("--link", action="append", default=[], help="PATH=TARGET")
    parser.add_argument("--module", action="append", default=[], help="a kernel module's name")
    parser.add_argument("--built-module", action="append", default=[], help="a .ko file of our own")
    parser.add_argument("--readelf", default="llvm-readelf-19")
    parser.add_argument("output")
    options = parser.parse_args()

    roots = Roots(options.root, options.readelf)
    system = System(roots)
    if not options.addition:
        system.add_skeleton()
    for pattern in options.file:
        for path in roots.matches(pattern):
            system.add(path)
    for folder in options.tree:
        system.add_tree(folder)
    for copy in options.copy:
        system.copy(*copy.split("="), 0o644)
    for path in options.setuid:
        system.copy(path, path, 0o4755)
    for link in options.link:
        system.cpio.symlink(*link.split("="))
    system.add_modules(options.module, options.built_module)
    system.add_overlay(options.overlay)
    with open(options.output, "wb") as output:
        system.cpio.write(output)


if __name__ == "__main__":
    main()
