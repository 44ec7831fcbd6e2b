#!/usr/bin/python3
"""Deploys to virtual Pis that have systemd, with the command that a user runs, as a user other than root."""
import http.client
import os
import re
import socket
import subprocess
import sys
import time
import unittest
import urllib.error
import urllib.request

sys.path.insert(0, os.path.join(os.getcwd(), "e2e/targets/virtual_pi"))
from testing import WITH_SYSTEMD, virtual_pi  # pylint: disable=wrong-import-position

SIMULATED = 'source = "simulated"\n'
VIDEO = "44"
UPGRADE = (
    "GET /stream?token={} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
TOKENS = "/etc/pistream-tokens"
# The range for users that exist while a service runs (systemd's DYNAMIC_UID_MIN and _MAX).
DYNAMIC_USERS = range(61184, 65520)


def deploy(pi, *options):
    # Passed explicitly, as a user would, although the file has it too.
    port = re.search(r"Port (\d+)", read(pi.config)).group(1)
    command = ["deploy/deploy", "pi@virtual-pi", "--port", port, "-F", pi.config, *options]
    result = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    print(result.stdout)
    return result.returncode, result.stdout


def read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def write(pi, name, contents, permissions=0o644):
    path = os.path.join(pi.folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(contents)
    os.chmod(path, permissions)
    return path


def configuration(pi, lines=SIMULATED, name="pistream.toml"):
    """A file for --config, with ports that can be reached from this machine."""
    port, ws_port = pi.account["forwarded"]
    heading = f'address = "0.0.0.0"\nport = {port}\nws-port = {ws_port}\n'
    return write(pi, name, heading + lines)


def token(pi, role):
    return re.search(f'^{role} = "(.*)"$', pi.ssh(f"cat {TOKENS}"), re.MULTILINE).group(1)


def get(pi, path="/healthz", authorization=None):
    address = f"http://127.0.0.1:{pi.account['forwarded'][0]}{path}"
    headers = {"Authorization": "Bearer " + (authorization or token(pi, "control"))}
    with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=60) as response:
        return response.read().decode()


def wait_for_page(pi):
    """Waits without a limit of its own: the test has one."""
    while True:
        try:
            return get(pi, "/")
        except (OSError, http.client.HTTPException):
            time.sleep(0.2)


def show(pi, *properties):
    """{property: value} of the service."""
    said = pi.ssh("systemctl show pistream --property " + ",".join(properties))
    return dict(line.split("=", 1) for line in said.splitlines())


def process_of(pi):
    return show(pi, "MainPID")["MainPID"]


def status_of(pi, process):
    """The kernel's status of a process: {"Uid": ["0", ...]}"""
    lines = pi.ssh(f"cat /proc/{process}/status").splitlines()
    return {name: value.split() for name, value in (line.split(":", 1) for line in lines)}


class DeployedTest(unittest.TestCase):
    """The deployed service; every test leaves it running."""

    @classmethod
    def setUpClass(cls):
        cls.pi = cls.enterClassContext(virtual_pi(*WITH_SYSTEMD))
        cls.deployed = deploy(cls.pi, "--config", configuration(cls.pi))
        cls.view = token(cls.pi, "view")
        cls.binary = cls.pi.ssh("sha256sum /usr/local/bin/pistream")

    def assert_rolled_back(self, code, said):
        self.assertEqual(code, 1)
        self.assertIn("rolled back: the previous version runs again", said)
        self.assertEqual(self.pi.ssh("sha256sum /usr/local/bin/pistream"), self.binary)
        self.assertEqual(self.pi.ssh("systemctl is-active pistream"), "active")
        wait_for_page(self.pi)

    def test_first_time_prints_the_address_of_an_enabled_service(self):
        code, said = self.deployed
        self.assertEqual(code, 0)
        self.assertIn(f"pistream runs on pi@virtual-pi: http://127.0.0.1:{self.pi.account['forwarded'][0]}/", said)
        self.assertNotIn("unhealthy", said)
        self.assertEqual(self.pi.ssh("systemctl is-active pistream"), "active")
        self.assertEqual(self.pi.ssh("systemctl is-enabled pistream"), "enabled")
        self.assertIn("<canvas", get(self.pi, "/"))

    def test_service_can_do_nothing_but_its_work(self):
        process = process_of(self.pi)
        status = status_of(self.pi, process)
        self.assertIn(int(status["Uid"][0]), DYNAMIC_USERS)
        self.assertEqual(len(set(status["Uid"])), 1)
        self.assertIn(VIDEO, status["Groups"])
        self.assertEqual(status["NoNewPrivs"], ["1"])
        self.assertEqual(status["Seccomp"], ["2"])
        for capabilities in ("CapEff", "CapPrm", "CapBnd", "CapAmb"):
            self.assertEqual(int(status[capabilities][0], 16), 0, capabilities)
        # In its namespace not even root can write, or see private files.
        inside = f"busybox nsenter --target {process} --mount --"
        for folder in ("/", "/etc", "/usr/local/bin", "/var/lib", "/var/log", "/root", "/home", "/sys"):
            said = self.pi.ssh(f"{inside} touch {folder}/note 2>&1 || true")
            self.assertRegex(said, "Read-only file system|Permission denied", folder)
        self.pi.ssh("touch /tmp/note")
        self.assertEqual(self.pi.ssh(f"{inside} ls /tmp /home"), "/home:\n\n/tmp:")

    def test_viewers_get_bbr(self):
        port = self.pi.account["forwarded"][0]
        with socket.create_connection(("127.0.0.1", port), timeout=60) as viewer:
            viewer.sendall(UPGRADE.format(token(self.pi, "view")).encode())
            self.assertTrue(viewer.recv(1).startswith(b"H"))
            self.assertIn('pistream_viewer_sockets_total{congestion_control="bbr"} 1', get(self.pi, "/metrics"))

    def test_tokens_are_a_credential_that_the_service_alone_can_read(self):
        self.assertIn(f"/#t={self.view}\n", self.deployed[1])
        self.assertEqual(self.pi.ssh(f"stat -c '%a %U' {TOKENS}"), "600 root")
        view = token(self.pi, "view")
        self.assertIn('"streams"', get(self.pi, "/api/v1/streams", view))
        with self.assertRaises(urllib.error.HTTPError) as refused:
            get(self.pi, "/metrics", view)
        self.assertEqual(refused.exception.code, 403)

    def test_reload_finds_the_tokens(self):
        self.pi.ssh("systemctl reload pistream")
        self.assertEqual(show(self.pi, "ActiveState", "Result"), {"ActiveState": "active", "Result": "success"})
        self.assertIn('"streams"', get(self.pi, "/api/v1/streams"))

    def test_new_tokens_replace_the_old_ones(self):
        before = token(self.pi, "view")
        code, said = deploy(self.pi, "--new-tokens")
        self.assertEqual(code, 0)
        self.assertIn(f"/#t={token(self.pi, 'view')}\n", said)
        with self.assertRaises(urllib.error.HTTPError) as refused:
            get(self.pi, "/api/v1/streams", before)
        self.assertEqual(refused.exception.code, 401)

    def test_boot_starts_it_again(self):
        # All of user space ends, and starts again as after any other boot.
        before = process_of(self.pi)
        self.pi.ssh("systemctl --no-block soft-reboot")
        self.pi.wait_for_console("virtual-pi: up after")
        wait_for_page(self.pi)
        self.assertNotIn(process_of(self.pi), ("0", before))

    def test_killed_is_started_again_by_its_supervisor(self):
        before = show(self.pi, "MainPID", "NRestarts")
        self.pi.ssh(f"kill -9 {before['MainPID']}")
        self.pi.ssh(
            f"until [ $(systemctl show --property NRestarts --value pistream) != {before['NRestarts']} ]; do :; done"
        )
        wait_for_page(self.pi)
        self.assertNotIn(process_of(self.pi), ("0", before["MainPID"]))

    def test_again_replaces_the_process_and_leaves_the_configuration(self):
        self.pi.ssh("echo '# mine' >>/etc/pistream.toml")
        before, tokens = process_of(self.pi), self.pi.ssh(f"cat {TOKENS}")
        code, _ = deploy(self.pi)
        self.assertEqual(code, 0)
        self.assertNotIn(process_of(self.pi), ("0", before))
        self.assertIn("# mine", self.pi.ssh("cat /etc/pistream.toml"))
        self.assertEqual(self.pi.ssh(f"cat {TOKENS}"), tokens)
        wait_for_page(self.pi)

    def test_binary_that_fails_is_rolled_back(self):
        failing = write(self.pi, "fails", "#!/bin/sh\necho I fail\nexit 1\n", 0o755)
        code, said = deploy(self.pi, "--binary", failing)
        self.assertIn("I fail", said)
        self.assert_rolled_back(code, said)

    def test_binary_that_is_no_program_is_rolled_back(self):
        code, said = deploy(self.pi, "--binary", write(self.pi, "none", "\x7fELF", 0o755))
        self.assertIn("Exec format error", said)
        self.assert_rolled_back(code, said)

    def test_wrong_configuration_is_named_and_rolled_back(self):
        wrong = configuration(self.pi, 'size = "huge"\n', "wrong.toml")
        code, said = deploy(self.pi, "--config", wrong)
        self.assertIn("huge", said)
        self.assert_rolled_back(code, said)


class FirstTimeTest(unittest.TestCase):
    EVERYTHING = (
        "find /usr/local /etc /home /root /tmp /var -type f ! -path '/var/log/*' | sort;"
        " find /run/systemd/system /run/systemd/dynamic-uid -type f; ls /run; systemctl --failed --quiet"
    )

    def test_uninstall_leaves_nothing(self):
        with virtual_pi(*WITH_SYSTEMD) as pi:
            before = pi.ssh(self.EVERYTHING)
            code, said = deploy(pi)
            self.assertEqual(code, 0)
            self.assertIn("http://127.0.0.1:8082/", said)
            self.assertNotIn("unhealthy", said)
            self.assertIn("camera libcamera: 640x480", pi.ssh("journalctl --unit pistream"))
            code, said = deploy(pi, "--uninstall")
            self.assertEqual(code, 0)
            self.assertIn("pistream was removed\n", said)
            self.assertEqual(pi.ssh(self.EVERYTHING), before)
            self.assertEqual(show(pi, "LoadState", "MainPID"), {"LoadState": "not-found", "MainPID": "0"})

    def test_binary_that_fails_leaves_nothing(self):
        with virtual_pi(*WITH_SYSTEMD) as pi:
            before = pi.ssh(self.EVERYTHING)
            # With this, systemd does not try again.
            code, said = deploy(pi, "--open", "--binary", write(pi, "fails", "#!/bin/sh\nexit 2\n", 0o755))
            self.assertEqual(code, 1)
            self.assertIn("no previous version to roll back to", said)
            self.assertEqual(pi.ssh(self.EVERYTHING), before)
            self.assertEqual(show(pi, "LoadState")["LoadState"], "not-found")


if __name__ == "__main__":
    unittest.main()
