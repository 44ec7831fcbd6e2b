#!/usr/bin/python3
"""./dev sysroot from a running machine by ssh: a virtual Pi with the headers and libraries of a real one."""
import filecmp
import os
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.getcwd(), "e2e/targets/virtual_pi"))
from testing import WITH_SYSTEMD, virtual_pi  # pylint: disable=wrong-import-position

TRIPLE = "aarch64-linux-gnu"
LIBRARIES = "usr/lib/" + TRIPLE
# Debian's packages, unpacked: the files on a Pi after installing the packages of README.md.
DEBIAN = "../sysroot_arm64/root"
COPIED = ("usr/include", LIBRARIES, "usr/lib/gcc", "usr/lib/linux")
# A drivers' compiler and the sanitizers: half of all bytes, which an emulated machine takes minutes to
# compress; and nothing is linked with them.
TOO_LARGE = ("libLLVM*", "libgallium*", "libz3*", "lib*san.*")

PROGRAM = """\
extern "C" {
#include <libavcodec/avcodec.h>
#include <libswscale/swscale.h>
}
#include <iostream>
#include <libcamera/libcamera.h>
#include <openssl/evp.h>

int main() {
  const bool encodes = avcodec_find_encoder(AV_CODEC_ID_MPEG1VIDEO) != nullptr;
  const bool hashes = EVP_sha1() != nullptr && swscale_version() != 0;
  std::cout << libcamera::CameraManager::version() << (encodes && hashes ? " works\\n" : " fails\\n");
}
"""


def links_below(top):
    """{path within top: target of the link}"""
    found = {}
    for folder, folders, files in os.walk(top):
        for name in folders + files:
            path = os.path.join(folder, name)
            if os.path.islink(path):
                found[os.path.relpath(path, top)] = os.readlink(path)
    return found


def files_below(top):
    for folder, _, files in os.walk(top):
        for name in files:
            path = os.path.join(folder, name)
            if not os.path.islink(path):
                yield os.path.relpath(path, top)


def make_pi(folder):
    """What the machine's /usr has, in a folder: with links as packages' installations make them."""
    pi = folder + "/pi"
    for path in COPIED:
        shutil.copytree(f"{DEBIAN}/{path}", f"{pi}/{path}", symlinks=True, ignore=shutil.ignore_patterns(*TOO_LARGE))
    swscale = f"{pi}/{LIBRARIES}/libswscale.so"
    target = os.readlink(swscale)
    os.remove(swscale)
    os.symlink(f"/{LIBRARIES}/{target}", swscale)
    # Debian's alternatives are in /etc, which is not copied.
    os.symlink("/etc/alternatives/libblas.so.3", f"{pi}/{LIBRARIES}/libblas.so.3")
    os.symlink("../share/nowhere", pi + "/usr/include/nowhere")
    return pi


class SysrootTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = os.environ["TEST_TMPDIR"]
        cls.pi_files = make_pi(cls.folder)
        # A copy: it works in the folder that it is in.
        dev = shutil.copy("dev", cls.folder)
        cls.machine = cls.enterClassContext(virtual_pi(*WITH_SYSTEMD))
        ssh = f"ssh -F {cls.machine.config} virtual-pi"
        subprocess.run(["bash", "-c", f"tar -c -C {cls.pi_files} . | {ssh} tar -x --warning=no-timestamp -C /"], check=True)
        said = subprocess.run(
            [dev, "sysroot", "-F", cls.machine.config, "pi@virtual-pi"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        print(said.stdout, said.stderr)
        cls.said = said
        cls.copy = cls.folder + "/pi-sysroot"

    def test_says_what_next(self):
        self.assertEqual(self.said.returncode, 0)
        self.assertIn("PISTREAM_SYSROOT=$PWD/pi-sysroot bazel run //:deploy -- pi@virtual-pi\n", self.said.stdout)

    def test_every_file_of_the_pi_is_the_same_in_the_copy(self):
        files = list(files_below(self.pi_files))
        self.assertGreater(len(files), 3000)
        same, *others = filecmp.cmpfiles(self.pi_files, self.copy, files, shallow=False)
        self.assertEqual((len(same), others), (len(files), [[], []]))

    def test_every_link_leads_to_the_same_place_within_the_copy(self):
        links = links_below(self.copy)
        inside = os.path.realpath(self.copy) + "/"
        for path, target in links.items():
            self.assertFalse(target.startswith("/"), path)
            end = os.path.realpath(f"{self.copy}/{path}")
            self.assertTrue(os.path.exists(end), path)
            self.assertTrue(end.startswith(inside), path)
        dangling = {f"{LIBRARIES}/libblas.so.3", "usr/include/nowhere"}
        self.assertEqual(set(links_below(self.pi_files)) - set(links), dangling)
        self.assertEqual(
            os.path.realpath(f"{self.copy}/{LIBRARIES}/libswscale.so"),
            inside + os.path.relpath(os.path.realpath(f"{self.pi_files}/{LIBRARIES}/libswscale.so.8"), self.pi_files),
        )

    def test_program_links_with_it_and_runs_on_the_pi(self):
        source, program = self.folder + "/program.cc", self.folder + "/program"
        with open(source, "w", encoding="utf-8") as file:
            file.write(PROGRAM)
        command = ["clang-19", "--driver-mode=g++", f"--target={TRIPLE}", "--sysroot=" + self.copy]
        command += ["-fuse-ld=lld", "-std=c++20", "-isystem", self.copy + "/usr/include/libcamera", source]
        command += ["-lavcodec", "-lavutil", "-lswscale", "-lcamera", "-lcamera-base", "-lcrypto", "-o", program]
        subprocess.run(command, check=True)
        subprocess.run(["scp", "-q", "-F", self.machine.config, program, "virtual-pi:/tmp/program"], check=True)
        self.assertRegex(self.machine.ssh("/tmp/program"), r"^v0\.\d.* works$")


if __name__ == "__main__":
    unittest.main()
