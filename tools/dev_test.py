#!/usr/bin/python3
"""./dev where something is not as it should be, and ./dev sysroot against an ssh that is none."""
import os
import shutil
import subprocess
import tempfile
import unittest

TRIPLE = "aarch64-linux-gnu"

# What comes after the host is run here, on a folder in the place of /.
FAKE_SSH = """#!/bin/sh
while [ "$1" != pi@host ]; do shift; done
cd "$PI" && eval "${2#cd / && }"
"""

# A package that there is, with more to say of it than a pipe holds.
FAKE_APT_CACHE = """#!/bin/sh
echo "$2:"
echo "  Candidate: 1.0"
head -c 1000000 /dev/zero
"""
FAKE_APT_CACHE_WITHOUT = """#!/bin/sh
echo "  Candidate: (none)"
"""
# Says what it is asked for; to install is to make the file that shows it.
FAKE_APT_GET = """#!/bin/sh
echo "apt-get $*"
[ "$2" = update ] || touch "$INSTALLED"
"""


class DevTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(dir=os.environ["TEST_TMPDIR"])
        # A copy: it works in the folder that it is in.
        self.dev = shutil.copy("dev", self.folder)
        self.tools = self.folder + "/tools"
        os.mkdir(self.tools)

    def tool(self, name, script):
        path = f"{self.tools}/{name}"
        with open(path, "w", encoding="utf-8") as file:
            file.write(script)
        os.chmod(path, 0o755)

    def run_dev(self, *arguments, **environment):
        path = self.tools + ":" + os.environ["PATH"]
        return subprocess.run(
            [self.dev, *arguments], env={"PATH": path, **environment}, capture_output=True, text=True, check=False
        )

    def make_pi(self):
        pi = self.folder + "/pi"
        os.makedirs(pi + "/usr/include/openssl")
        os.makedirs(pi + "/usr/lib/gcc")
        os.makedirs(f"{pi}/usr/lib/{TRIPLE}")
        for file in ("include/openssl/evp.h", f"lib/{TRIPLE}/ld-linux-aarch64.so.1"):
            with open(f"{pi}/usr/{file}", "w", encoding="utf-8") as stream:
                stream.write(file)
        os.symlink(f"{TRIPLE}/ld-linux-aarch64.so.1", pi + "/usr/lib/ld-linux-aarch64.so.1")
        os.symlink("/usr/include/openssl/evp.h", pi + "/usr/include/absolute.h")
        os.makedirs(pi + "/usr/lib/linux/uapi")
        os.symlink("../lib/linux/uapi", pi + "/usr/include/asm")
        os.symlink("../share/nowhere", pi + "/usr/include/dangling")
        return pi

    def test_sysroot_copies_and_says_what_next(self):
        self.tool("ssh", FAKE_SSH)
        result = self.run_dev("sysroot", "-p", "22", "pi@host", PI=self.make_pi())
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("PISTREAM_SYSROOT=$PWD/pi-sysroot bazel run //:deploy -- pi@host\n", result.stdout)
        self.assertEqual(os.readlink(self.folder + "/pi-sysroot/lib"), "usr/lib")
        copy = self.folder + "/pi-sysroot/usr/"
        with open(copy + "lib/ld-linux-aarch64.so.1", encoding="utf-8") as file:
            self.assertEqual(file.read(), f"lib/{TRIPLE}/ld-linux-aarch64.so.1")
        self.assertEqual(os.path.realpath(copy + "include/absolute.h"), copy + "include/openssl/evp.h")
        self.assertTrue(os.path.isdir(copy + "include/asm"))
        self.assertFalse(os.path.lexists(copy + "include/dangling"))

    def test_sysroot_again_leaves_nothing_of_the_first(self):
        self.tool("ssh", FAKE_SSH)
        pi = self.make_pi()
        self.run_dev("sysroot", "pi@host", PI=pi)
        os.remove(pi + "/usr/include/absolute.h")
        self.run_dev("sysroot", "pi@host", PI=pi)
        self.assertFalse(os.path.lexists(self.folder + "/pi-sysroot/usr/include/absolute.h"))

    def test_sysroot_that_breaks_off_fails(self):
        self.tool("ssh", "#!/bin/sh\necho no route >&2\nexit 255\n")
        result = self.run_dev("sysroot", "pi@host")
        self.assertEqual(result.returncode, 1)
        self.assertIn("no route", result.stderr)
        self.assertIn("./dev: the copy in pi-sysroot is not whole", result.stderr)

    def test_sysroot_without_ssh_says_what_to_install(self):
        for name in ("bash", "dirname", "readlink"):
            os.symlink(shutil.which(name), f"{self.tools}/{name}")
        result = subprocess.run(
            [self.dev, "sysroot", "pi@host"], env={"PATH": self.tools}, capture_output=True, text=True, check=False
        )
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.stderr, "./dev: ssh is missing: sudo apt install openssh-client\n")

    def test_report_before_any_test_says_which_to_run(self):
        shutil.copy("tools/e2e_report.py", self.tools)
        result = self.run_dev("report")
        self.assertEqual(result.returncode, 1)
        self.assertIn("bazel test //e2e:", result.stderr)

    def test_report_names_the_file_that_it_made(self):
        shutil.copy("tools/e2e_report.py", self.tools)
        outputs = self.folder + "/bazel-out/k8-fastbuild/testlogs/e2e/one_test/test.outputs"
        os.makedirs(outputs)
        with open(outputs + "/report.html", "w", encoding="utf-8") as file:
            file.write(
                '<title>one</title>\n<body>\n<!-- run {"label": "one", "passed": 1, "failed": 0, "skipped": 0,'
                ' "seconds": 1, "startedAt": "then"} -->\n<p>what was seen</p>\n<!-- end of run -->\n</body>\n'
            )
        result = self.run_dev("report")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn(self.folder + "/report.html", result.stdout)
        with open(self.folder + "/report.html", encoding="utf-8") as file:
            self.assertIn("what was seen", file.read())

    def install(self, apt_cache):
        self.tool("apt-cache", apt_cache)
        self.tool("apt-get", FAKE_APT_GET)
        self.tool("sudo", '#!/bin/sh\nexec "$@"\n')
        self.tool("bazel", "#!/bin/sh\n")
        installed = self.folder + "/installed"
        os.mkdir(self.folder + "/toolchains")
        with open(self.folder + "/toolchains/host_packages.txt", "w", encoding="utf-8") as file:
            file.write(f"build  one|other  {installed}\n")
        return self.run_dev("run", "--yes", INSTALLED=installed)

    def test_missing_package_is_installed_whatever_apt_has_to_say_of_it(self):
        result = self.install(FAKE_APT_CACHE)
        self.assertIn("apt-get -q install -y --no-install-recommends one\n", result.stdout, result.stderr)

    def test_package_that_debian_does_not_have_is_named(self):
        result = self.install(FAKE_APT_CACHE_WITHOUT)
        self.assertEqual(result.returncode, 1)
        self.assertEqual(
            result.stderr,
            "./dev: this Debian release has no package one or other: pistream is built on Debian 12 or 13\n",
        )

    def run_arguments(self, *options):
        """The arguments of the program that ./dev run starts."""
        os.mkdir(self.folder + "/toolchains")
        with open(self.folder + "/toolchains/host_packages.txt", "w", encoding="utf-8"):
            pass
        self.tool("bazel", "#!/bin/sh\n")
        os.mkdir(self.folder + "/bazel-bin")
        program = self.folder + "/bazel-bin/pistream"
        with open(program, "w", encoding="utf-8") as file:
            file.write('#!/bin/sh\necho "pistream $*"\n')
        os.chmod(program, 0o755)
        result = self.run_dev("run", *options)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout.splitlines()[-1]

    def test_run_shows_the_simulated_camera(self):
        self.assertEqual(self.run_arguments("--port", "1"), "pistream --source simulated --port 1")

    def test_run_with_a_source_shows_that_one(self):
        self.assertEqual(self.run_arguments("--source=libcamera"), "pistream --source=libcamera")

    def test_run_with_a_configuration_shows_its_streams(self):
        self.assertEqual(self.run_arguments("--config", "a.toml"), "pistream --config a.toml")

    def test_other_processor_is_refused(self):
        self.tool("uname", "#!/bin/sh\necho aarch64\n")
        result = self.run_dev("run")
        self.assertEqual(result.returncode, 1)
        self.assertEqual(
            result.stderr, "./dev: pistream is built on amd64 (x86_64), for a Pi too; this machine is aarch64\n"
        )


if __name__ == "__main__":
    unittest.main()
