#!/usr/bin/python3
"""Deploys to virtual Pis with the command that a user runs, and injects failures."""
import os
import re
import subprocess
import sys
import unittest
import urllib.error
import urllib.request

sys.path.insert(0, os.path.join(os.getcwd(), "e2e/targets/virtual_pi"))
from testing import virtual_pi  # pylint: disable=wrong-import-position

LIBRARIES = "/usr/lib/aarch64-linux-gnu"
SIMULATED = 'source = "simulated"\n'


def deploy(pi, *options):
    command = ["deploy/deploy", "virtual-pi", "-F", pi.config, *options]
    result = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    print(result.stdout)
    return result.returncode, result.stdout


OPEN = 'auth.mode = "none"\n'


def configuration(pi, lines, name="pistream.toml", address="0.0.0.0", auth=OPEN):
    """A file for --config, with ports that can be reached from this machine."""
    port, ws_port = pi.account["forwarded"]
    path = os.path.join(pi.folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(f'address = "{address}"\nport = {port}\nws-port = {ws_port}\n{auth}{lines}')
    return path


def broken_binary(pi):
    """An executable that exits immediately."""
    path = os.path.join(pi.folder, "broken")
    with open(path, "w", encoding="utf-8") as file:
        file.write("#!/bin/sh\necho I am broken\n")
    os.chmod(path, 0o755)
    return path


def get(pi, path, token=None):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(f"http://127.0.0.1:{pi.account['forwarded'][0]}{path}", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.status
    except urllib.error.HTTPError as error:
        return error.code


def view_token(said):
    """The token in the address that deploy has printed."""
    return re.search(r"^  http://127[.]0[.]0[.]1:\d+/#t=(\S{22})$", said, re.MULTILINE).group(1)


def process_of(pi):
    return pi.ssh("cat /run/pistream.pid")


class DeployTest(unittest.TestCase):
    def test_first_time_serves_and_prints_the_address(self):
        with virtual_pi("--resume") as pi:
            code, said = deploy(pi, "--config", configuration(pi, SIMULATED))
            self.assertEqual(code, 0)
            self.assertIn(f"pistream runs on virtual-pi: http://127.0.0.1:{pi.account['forwarded'][0]}/", said)
            self.assertIn(f"watch at ws://127.0.0.1:{pi.account['forwarded'][1]}/", said)
            self.assertIn("Anyone on the network can watch", said)
            self.assertEqual(get(pi, "/healthz"), 200)
            user = pi.ssh("stat -c %U /proc/$(cat /run/pistream.pid)")
            self.assertEqual(user, "nobody")

    def test_without_configuration_serves_libcameras_camera_on_the_default_port(self):
        with virtual_pi("--resume") as pi:
            code, said = deploy(pi)
            self.assertEqual(code, 0)
            self.assertIn("http://127.0.0.1:8082/", said)
            self.assertIn("ws://127.0.0.1:8084/", said)
            self.assertNotIn("unhealthy", said)
            self.assertIn("camera libcamera: 640x480", pi.ssh("cat /var/log/pistream.log"))

    def test_address_of_one_interface_is_used_for_the_health_check(self):
        with virtual_pi("--resume") as pi:
            address = pi.ssh("ip -4 -o address show scope global | sed 's/.*inet //; s/[/].*//'")
            code, said = deploy(pi, "--config", configuration(pi, SIMULATED, address=address))
            self.assertEqual(code, 0)
            self.assertIn("Anyone on the network can watch", said)

    def test_loopback_address_of_ipv6_serves_this_machine_alone(self):
        with virtual_pi("--resume") as pi:
            code, said = deploy(pi, "--config", configuration(pi, SIMULATED, address="::1"))
            self.assertEqual(code, 0)
            self.assertNotIn("Anyone on the network can watch", said)

    def test_again_replaces_the_process_and_leaves_the_configuration(self):
        with virtual_pi("--resume") as pi:
            deploy(pi, "--config", configuration(pi, SIMULATED))
            pi.ssh("echo '# mine' >>/etc/pistream.toml")
            before = process_of(pi)
            code, _ = deploy(pi)
            self.assertEqual(code, 0)
            self.assertNotEqual(process_of(pi), before)
            self.assertIn("# mine", pi.ssh("cat /etc/pistream.toml"))
            self.assertEqual(pi.ssh("pidof pistream | wc -w"), "1")

    def test_tokens_are_made_once_kept_and_replaced_on_request(self):
        with virtual_pi("--resume") as pi:
            _, said = deploy(pi, "--config", configuration(pi, SIMULATED, auth=""))
            self.assertNotIn("Anyone on the network can watch", said)
            self.assertNotIn("Until now anyone", said)
            first = view_token(said)
            address = f"http://127.0.0.1:{pi.account['forwarded'][0]}/#t={first}"
            code = subprocess.run(
                ["qrencode", "-t", "ANSIUTF8", "-m", "2"], input=address, capture_output=True, text=True, check=True
            )
            self.assertIn(code.stdout, said)
            self.assertEqual(pi.ssh("stat -c '%a %U' /etc/pistream-tokens"), "600 nobody")
            control = re.search('control = "(.{22})"', pi.ssh("cat /etc/pistream-tokens")).group(1)
            self.assertNotIn(control, said)
            self.assertEqual([get(pi, "/api/v1/streams", token) for token in (None, first)], [401, 200])
            self.assertEqual([get(pi, "/metrics", token) for token in (first, control)], [403, 200])
            _, said = deploy(pi)
            self.assertEqual(view_token(said), first)
            self.assertEqual(get(pi, "/api/v1/streams", first), 200)
            _, said = deploy(pi, "--new-tokens")
            second = view_token(said)
            self.assertEqual([get(pi, "/api/v1/streams", token) for token in (first, second)], [401, 200])
            # Rolled back, and with it the tokens.
            code, said = deploy(pi, "--new-tokens", "--config", configuration(pi, 'size = "huge"\n', auth=""))
            self.assertEqual(code, 1)
            self.assertIn("rolled back", said)
            self.assertEqual(get(pi, "/api/v1/streams", second), 200)

    def test_upgrade_of_an_open_installation_makes_tokens_and_says_so(self):
        with virtual_pi("--resume") as pi:
            deploy(pi, "--config", configuration(pi, SIMULATED))
            # As the configuration was before there were tokens.
            pi.ssh("sed -i '/auth.mode/d' /etc/pistream.toml && echo '# mine' >>/etc/pistream.toml")
            code, said = deploy(pi)
            self.assertEqual(code, 0)
            self.assertIn("Until now anyone on the network could watch", said)
            self.assertEqual([get(pi, "/api/v1/streams", token) for token in (None, view_token(said))], [401, 200])
            self.assertIn("# mine", pi.ssh("cat /etc/pistream.toml"))

    def test_upgrade_of_an_open_installation_stays_open_on_request(self):
        with virtual_pi("--resume") as pi:
            deploy(pi, "--config", configuration(pi, SIMULATED))
            pi.ssh("sed -i '/auth.mode/d' /etc/pistream.toml && echo '# mine' >>/etc/pistream.toml")
            for options in (["--open"], [], ["--open"]):
                code, said = deploy(pi, *options)
                self.assertEqual(code, 0)
                self.assertIn("Anyone on the network can watch", said)
                self.assertNotIn("#t=", said)
                self.assertEqual(get(pi, "/metrics"), 200)
            configured = pi.ssh("cat /etc/pistream.toml")
            self.assertIn("# mine", configured)
            self.assertEqual(configured.count(OPEN.strip()), 1)
            self.assertEqual(pi.ssh("ls /etc/pistream*"), "/etc/pistream.toml")

    def test_options_against_the_configuration_change_nothing(self):
        with virtual_pi("--resume") as pi:
            # On this machine alone tokens are made only for who wants them.
            local = configuration(pi, SIMULATED, address="127.0.0.1", auth='auth.mode = "tokens"\n')
            _, said = deploy(pi, "--config", local)
            before, tokens = process_of(pi), pi.ssh("cat /etc/pistream-tokens")
            self.assertIn("#t=", said)
            for option, auth, line in (
                ("--open", '[auth]\nmode = "tokens"\n', 'says who may watch: set mode = "none" there'),
                ("--open", "[auth] # mine\n", 'has a table auth: add mode = "none" there'),
                ("--new-tokens", OPEN, 'remove auth.mode = "none" there'),
                ("--new-tokens", 'auth = { tokens = "/etc/mine" }\n', "names a file of tokens"),
            ):
                code, said = deploy(pi, option, "--config", configuration(pi, "", auth=SIMULATED + auth))
                self.assertEqual(code, 1)
                self.assertIn(line, said)
                self.assertEqual((process_of(pi), pi.ssh("cat /etc/pistream-tokens")), (before, tokens))

    def test_tokens_of_ones_own_and_tls_are_used(self):
        with virtual_pi("--resume") as pi:
            pi.ssh("umask 077; printf 'view = \"%s\"\\ncontrol = \"%s\"\\n' mine-mine-mine-mine yours-yours-yours"
                   " >/etc/mine && chown nobody /etc/mine")
            auth = '[auth]\ntokens = "/etc/mine" # mine\n[tls]\ncertificate = "self"\nplain = "serve"\n'
            code, said = deploy(pi, "--config", configuration(pi, "", auth=SIMULATED + auth))
            self.assertEqual(code, 0)
            self.assertNotIn("#t=", said)
            self.assertIn(f"https://127.0.0.1:{pi.account['forwarded'][0]}/", said)
            self.assertRegex(said, r"fingerprint .SHA-256.: (..:){31}..\n")
            fingerprint = re.search("SHA-256.: (.*)", said).group(1)
            self.assertIn(fingerprint, pi.ssh("cat /var/log/pistream.log"))
            self.assertEqual(pi.ssh("ls /etc/pistream*"), "/etc/pistream.toml")
            self.assertEqual(get(pi, "/api/v1/streams", "mine-mine-mine-mine"), 200)

    def test_binary_that_does_not_serve_is_rolled_back(self):
        with virtual_pi("--resume") as pi:
            deploy(pi, "--config", configuration(pi, SIMULATED))
            before = pi.ssh("sha256sum /usr/local/bin/pistream")
            code, said = deploy(pi, "--binary", broken_binary(pi))
            self.assertEqual(code, 1)
            self.assertIn("I am broken", said)
            self.assertIn("rolled back: the previous version runs again", said)
            self.assertEqual(pi.ssh("sha256sum /usr/local/bin/pistream"), before)
            self.assertEqual(get(pi, "/healthz"), 200)

    def test_full_disk_changes_nothing(self):
        with virtual_pi("--resume") as pi:
            deploy(pi, "--config", configuration(pi, SIMULATED))
            before = process_of(pi)
            binary = "/usr/local/bin/pistream"
            pi.ssh(
                f"mv {binary} /tmp/kept && mount -t tmpfs tmpfs /usr/local/bin"
                f" -o size=$(($(stat -c %s /tmp/kept) * 3 / 2)) && mv /tmp/kept {binary}"
            )
            code, said = deploy(pi)
            self.assertEqual(code, 1)
            self.assertIn("No space left on device", said)
            self.assertIn("virtual-pi has what it had before", said)
            self.assertEqual(process_of(pi), before)
            self.assertEqual(get(pi, "/healthz"), 200)
            self.assertEqual(pi.ssh("ls /usr/local/bin"), "pistream")

    def test_wrong_configuration_is_named_and_rolled_back(self):
        with virtual_pi("--resume") as pi:
            deploy(pi, "--config", configuration(pi, SIMULATED))
            code, said = deploy(pi, "--config", configuration(pi, 'size = "huge"\n', "wrong.toml"))
            self.assertEqual(code, 1)
            self.assertIn("huge", said)
            self.assertIn("rolled back", said)
            self.assertEqual(get(pi, "/healthz"), 200)

    def test_first_time_that_does_not_serve_leaves_nothing(self):
        with virtual_pi("--resume") as pi:
            code, said = deploy(pi, "--open", "--binary", broken_binary(pi))
            self.assertEqual(code, 1)
            self.assertIn("no previous version to roll back to", said)
            self.assertEqual(pi.ssh("ls /usr/local/bin /var/lib"), "/usr/local/bin:\n\n/var/lib:")
            self.assertEqual(pi.ssh("find /etc -name 'pistream*'"), "")

    def test_missing_libraries_give_the_line_to_install_them(self):
        with virtual_pi("--resume") as pi:
            pi.ssh(f"rm {LIBRARIES}/libavcodec.so.61 {LIBRARIES}/libcamera*.so.* {LIBRARIES}/libcrypto.so.3")
            code, said = deploy(pi)
            self.assertEqual(code, 1)
            self.assertIn("\n  sudo apt install libavcodec61 libcamera0.7 libssl3t64 libcamera-ipa\n", said)
            self.assertEqual(pi.ssh("ls /usr/local/bin"), "")

    def test_other_libcamera_gives_how_to_build_against_it(self):
        with virtual_pi("--resume") as pi:
            pi.ssh(f"cd {LIBRARIES} && mv libcamera.so.0.7 libcamera.so.0.5")
            code, said = deploy(pi)
            self.assertEqual(code, 1)
            self.assertIn("virtual-pi has libcamera 0.5, this pistream was built against 0.7", said)
            self.assertIn("./dev sysroot virtual-pi\n", said)

    def test_32_bit_system_is_refused(self):
        # Busybox's shell has its own uname, which cannot be replaced: ssh can.
        folder = os.environ["TEST_TMPDIR"]
        with open(folder + "/ssh", "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\necho armv7l\n")
        os.chmod(folder + "/ssh", 0o755)
        result = subprocess.run(
            ["deploy/deploy", "pi@host"],
            env={"PATH": folder + ":" + os.environ["PATH"]},
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual(result.returncode, 1)
        self.assertIn("pi@host runs a system for armv7l", result.stderr)

    def test_uninstall_leaves_nothing(self):
        with virtual_pi("--resume") as pi:
            everything = "find /usr/local /etc /var /tmp /run -type f | sort"
            before = pi.ssh(everything)
            deploy(pi)
            code, _ = deploy(pi, "--uninstall")
            self.assertEqual(code, 0)
            self.assertEqual(pi.ssh(everything), before)
            self.assertEqual(pi.ssh("pidof pistream || echo none"), "none")

    def test_unreachable_host_is_named(self):
        with virtual_pi("--resume") as pi:
            code, said = deploy(pi, "--port", "1")
            self.assertEqual(code, 1)
            self.assertIn("cannot log in to virtual-pi by ssh", said)


if __name__ == "__main__":
    unittest.main()
