#!/usr/bin/python3
"""The archive's bytes, against the format's description; and the search for files."""
import io
import lzma
import os
import stat
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.getcwd(), "e2e/targets/virtual_pi"))
import initramfs  # pylint: disable=wrong-import-position


def entries_of(archive):
    """[(name, mode, contents)] of a newc archive."""
    found, at = [], 0
    while at < len(archive):
        assert archive[at : at + 6] == b"070701", at
        fields = [int(archive[at + 6 + 8 * n : at + 14 + 8 * n], 16) for n in range(13)]
        mode, size, name_size = fields[1], fields[6], fields[11]
        name = archive[at + 110 : at + 110 + name_size - 1].decode()
        start = (at + 110 + name_size + 3) // 4 * 4
        found.append((name, mode, archive[start : start + size]))
        at = (start + size + 3) // 4 * 4
    return found


def written(cpio):
    output = io.BytesIO()
    cpio.write(output)
    return output.getvalue()


class CpioTest(unittest.TestCase):
    def test_empty_tree_is_the_trailer_alone(self):
        self.assertEqual(entries_of(written(initramfs.Cpio())), [("TRAILER!!!", 0, b"")])

    def test_file_comes_after_its_folders(self):
        cpio = initramfs.Cpio()
        cpio.file("a/b/c", b"hello", 0o755)
        self.assertEqual(
            entries_of(written(cpio))[:3],
            [
                ("a", stat.S_IFDIR | 0o755, b""),
                ("a/b", stat.S_IFDIR | 0o755, b""),
                ("a/b/c", stat.S_IFREG | 0o755, b"hello"),
            ],
        )

    def test_symlink_holds_its_target(self):
        cpio = initramfs.Cpio()
        cpio.symlink("bin", "usr/bin")
        self.assertEqual(entries_of(written(cpio))[0], ("bin", stat.S_IFLNK | 0o777, b"usr/bin"))

    def test_every_length_is_padded_to_four(self):
        cpio = initramfs.Cpio()
        for length in range(8):
            cpio.file("f" * (length + 1), b"x" * length)
        archive = written(cpio)
        self.assertEqual(len(archive) % 4, 0)
        self.assertEqual([len(contents) for _, _, contents in entries_of(archive)][:8], list(range(8)))


class RootsTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(dir=os.environ.get("TEST_TMPDIR"))
        for path in ("one/lib/libx.so.1", "two/lib/libx.so.1", "two/lib/liby.so.2"):
            path = os.path.join(self.folder, path)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write("text")
        self.roots = initramfs.Roots([self.folder + "/one", self.folder + "/two"], "readelf")

    def test_first_root_that_has_it_wins(self):
        self.assertEqual(self.roots.find("lib/libx.so.1"), self.folder + "/one/lib/libx.so.1")

    def test_wildcard_finds_in_all_roots(self):
        self.assertEqual(self.roots.matches("lib/lib*.so.[0-9]"), ["lib/libx.so.1", "lib/liby.so.2"])

    def test_missing_file_fails_by_name(self):
        with self.assertRaisesRegex(SystemExit, "none of the packages has lib/libz.so"):
            self.roots.find("lib/libz.so")

    def test_text_needs_no_library(self):
        self.assertEqual(self.roots.needed_by("lib/liby.so.2"), [])

    def test_library_is_found_where_systemd_keeps_its_own(self):
        folder = "usr/lib/aarch64-linux-gnu/systemd"
        os.makedirs(f"{self.folder}/two/{folder}")
        with open(f"{self.folder}/two/{folder}/libz.so", "w", encoding="utf-8"):
            pass
        self.assertEqual(self.roots.library("libz.so"), folder + "/libz.so")

    def test_missing_library_fails_by_name(self):
        with self.assertRaisesRegex(SystemExit, "none of the packages has the library libz.so"):
            self.roots.library("libz.so")

    def test_tree_keeps_links_to_files_and_to_folders(self):
        os.symlink("liby.so.2", self.folder + "/two/lib/liby.so")
        os.symlink("lib", self.folder + "/two/library")
        roots = initramfs.Roots([self.folder + "/two"], "readelf")
        self.assertEqual(
            dict(roots.tree("")),
            {"lib/libx.so.1": None, "lib/liby.so.2": None, "lib/liby.so": "liby.so.2", "library": "lib"},
        )

    def test_copy_has_the_new_name_and_permissions(self):
        system = initramfs.System(self.roots)
        system.copy("lib/liby.so.2", "etc/y", 0o4755)
        self.assertIn(("etc/y", stat.S_IFREG | 0o4755, b"text"), entries_of(written(system.cpio)))


class ModulesTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(dir=os.environ.get("TEST_TMPDIR"))
        self.modules = self.folder + "/root/usr/lib/modules/6.12-arm64"
        os.makedirs(self.modules)
        self.system = initramfs.System(initramfs.Roots([self.folder + "/root"], "readelf"))

    def _packaged(self, name, depends):
        with lzma.open(f"{self.modules}/{name}.ko.xz", "wb") as file:
            file.write(b"\0depends=%s\0" % depends)

    def _built(self, name, depends, kernel):
        path = f"{self.folder}/{name}.ko"
        with open(path, "wb") as file:
            file.write(b"\0vermagic=%s SMP\0depends=%s\0" % (kernel, depends))
        return path

    def _order(self):
        archive = entries_of(written(self.system.cpio))
        return next(contents for name, _, contents in archive if name == "usr/lib/modules/order")

    def test_what_a_module_needs_comes_before_it(self):
        self._packaged("video-dev", b"")
        self._packaged("camera", b"video-dev")
        self.system.add_modules(["camera"], [])
        self.assertEqual(self._order(), b"video_dev\ncamera\n")

    def test_module_of_our_own_gets_the_packages_modules(self):
        self._packaged("video-dev", b"")
        self.system.add_modules([], [self._built("camera", b"video-dev", b"6.12-arm64")])
        self.assertEqual(self._order(), b"video_dev\ncamera\n")

    def test_module_for_another_kernel_fails_and_says_what_to_do(self):
        with self.assertRaisesRegex(SystemExit, "for Linux 6.13-arm64, the packages have 6.12-arm64: .*bazel sync"):
            self.system.add_modules([], [self._built("camera", b"", b"6.13-arm64")])


if __name__ == "__main__":
    unittest.main()
