#!/usr/bin/python3
"""The virtual Pi boots, resumes, is reached by ssh and scp, and is gone afterwards."""
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.getcwd(), "e2e/targets/virtual_pi"))
from testing import VIRTUAL_PI, virtual_pi  # pylint: disable=wrong-import-position


class VirtualPiTest(unittest.TestCase):
    def test_boot_gives_debians_kernel_on_aarch64(self):
        with virtual_pi() as pi:
            self.assertEqual(pi.account["started"], "booted")
            system = pi.ssh("uname -sm; uname -v")
            self.assertIn("Linux aarch64", system)
            self.assertIn("Debian", system)
            with open(pi.folder + "/console.log", encoding="utf-8") as console:
                self.assertIn("virtual-pi: up after", console.read())

    def test_boot_twice_gives_other_keys(self):
        keys = set()
        for _ in range(2):
            with virtual_pi() as pi, open(pi.folder + "/known_hosts", encoding="utf-8") as file:
                keys.add(file.read())
        self.assertEqual(len(keys), 2)

    def test_resume_twice_gives_machines_that_share_nothing(self):
        with virtual_pi("--resume") as first, virtual_pi("--resume") as second:
            self.assertEqual(first.account["started"], "resumed")
            first.ssh("echo first >/tmp/note")
            second.ssh("echo second >/tmp/note")
            self.assertEqual(first.ssh("cat /tmp/note"), "first")
            self.assertEqual(second.ssh("cat /tmp/note"), "second")

    def test_scp_there_and_back_gives_the_same_bytes(self):
        with virtual_pi("--resume") as pi:
            sent, returned = pi.folder + "/sent", pi.folder + "/returned"
            contents = os.urandom(1 << 20)
            with open(sent, "wb") as file:
                file.write(contents)
            scp = ["scp", "-q", "-F", pi.config]
            subprocess.run([*scp, sent, "virtual-pi:/tmp/file"], check=True)
            subprocess.run([*scp, "virtual-pi:/tmp/file", returned], check=True)
            with open(returned, "rb") as file:
                self.assertEqual(file.read(), contents)

    def test_forwarded_port_reaches_the_guests_of_the_same_number(self):
        with virtual_pi("--resume") as pi:
            port = pi.account["forwarded"][0]
            listen = f"echo hello | nc -l -p {port} >/dev/null 2>&1 & until netstat -ltn | grep -q :{port}; do :; done"
            pi.ssh(listen)
            said = subprocess.run(
                ["bash", "-c", f"cat </dev/tcp/127.0.0.1/{port}"], capture_output=True, text=True, check=True
            )
            self.assertEqual(said.stdout, "hello\n")

    def test_end_of_input_ends_the_machine(self):
        with virtual_pi("--resume") as pi:
            pi.process.stdin.close()
            pi.process.wait()
            after = subprocess.run(["ssh", "-F", pi.config, "virtual-pi", "true"], capture_output=True, check=False)
            self.assertNotEqual(after.returncode, 0)

    def test_kernel_that_cannot_boot_fails_with_what_the_console_said(self):
        folder = os.environ["TEST_TMPDIR"] + "/broken"
        os.makedirs(folder)
        with open(folder + "/empty.cpio", "wb") as file:
            file.write(b"")
        result = subprocess.run(
            [VIRTUAL_PI, "--initramfs", folder + "/empty.cpio", "run", folder],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("no line 'virtual-pi: host key ' came", result.stderr)
        self.assertIn("Kernel panic", result.stderr)


if __name__ == "__main__":
    unittest.main()
