#!/usr/bin/python3
"""pistream on a virtual Pi whose kernel has TLS, and on the same one without it.

The clients are OpenSSL's own, on this machine: they find every byte that is not as it was sealed.
"""
import contextlib
import itertools
import os
import re
import signal
import subprocess
import sys
import unittest
import urllib.request

sys.path.insert(0, os.path.join(os.getcwd(), "e2e/targets/virtual_pi"))
from testing import virtual_pi  # pylint: disable=wrong-import-position

PISTREAM = "deploy/pistream_aarch64"
UNIT_TEST = "tests/integration/kernel_tls/tls_transport_test_aarch64"
# Options of `openssl s_client`, by what is negotiated.
SUITES = {
    "TLS 1.3, AES-128-GCM": ("-tls1_3", "-ciphersuites", "TLS_AES_128_GCM_SHA256"),
    "TLS 1.3, AES-256-GCM": ("-tls1_3", "-ciphersuites", "TLS_AES_256_GCM_SHA384"),
    "TLS 1.3, ChaCha20": ("-tls1_3", "-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256"),
    "TLS 1.2, AES-128-GCM": ("-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"),
}
PICTURES = 24
FILE = os.urandom(1 << 20)


class Client:
    """A TLS connection: bytes come and go by the pipes of a process.

    With -brief, lines of one letter are commands; with -quiet there are none.
    """

    def __init__(self, port, *options):
        command = ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", *options]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def send(self, text):
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def update_keys(self, command):
        """K asks for new keys of the server's, too; k does not."""
        self.send(command + "\n")
        next(line for line in self.process.stderr if line == b"KEYUPDATE\n")

    def request(self, path):
        self.send(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nPistream-Client: 1\r\n\r\n")

    def read_head(self):
        """The status line and the header, of the next response."""
        return b"".join(itertools.takewhile(lambda line: line != b"\r\n", self.process.stdout)).decode()

    def read(self, size):
        return self.process.stdout.read(size)

    def read_body(self):
        head = self.read_head()
        return self.read(int(re.search(r"(?i)^content-length: (\d+)", head, re.MULTILINE).group(1)))

    def pictures(self):
        """(sequence, picture) of the stream over HTTP, without end (docs/protocol.md)."""
        assert self.read_head().startswith("HTTP/1.1 200 ")
        while True:
            size = int(self.process.stdout.readline(), 16)
            chunk = self.read(size)
            assert self.read(2) == b"\r\n"
            extended = {126: 2, 127: 8}.get(chunk[1], 0)
            length = int.from_bytes(chunk[2 : 2 + extended], "big") if extended else chunk[1]
            message = chunk[2 + extended :]
            assert len(message) == length, "a chunk is a frame"
            if chunk[0] == 0x82 and message[0] == 1:
                yield int.from_bytes(message[8:16], "big"), message[32:]

    def kill(self):
        self.process.send_signal(signal.SIGKILL)

    def close(self):
        self.kill()
        self.process.communicate()


class KernelTlsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pi = cls.enterClassContext(virtual_pi("--resume"))
        files = os.path.join(cls.pi.folder, "web")
        os.makedirs(files)
        with open(files + "/file.bin", "wb") as file:
            file.write(FILE)
        scp = ["scp", "-qr", "-F", cls.pi.config]
        subprocess.run([*scp, PISTREAM, UNIT_TEST, files, "virtual-pi:/tmp"], check=True)
        cls.port, ws_port = cls.pi.account["forwarded"]
        # Its output goes to a file: ssh would wait for its end.
        cls.pi.ssh(
            "mkdir /tmp/state && cd /tmp && STATE_DIRECTORY=/tmp/state ./pistream_aarch64 --source simulated "
            f"--size 320x240 --address 0.0.0.0 --port {cls.port} --ws-port {ws_port} --open --web-root web "
            "--tls-certificate self --tls-plain serve >ready 2>log </dev/null & "
            "until grep -q ready /tmp/ready; do sleep 0.1; done"
        )

    def setUp(self):
        self.clients = contextlib.ExitStack()
        self.addCleanup(self.clients.close)

    def connect(self, *options):
        client = Client(self.port, *options)
        self.clients.callback(client.close)
        return client

    def metric(self, name):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics") as response:
            text = response.read().decode()
        return float(re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE).group(1))

    def sealed_by_kernel(self):
        return self.metric("pistream_tls_sealed_by_kernel_total")

    def set_module(self, name, is_there):
        """One of the kernel's modules; it can go when the last connection has."""
        has_it = f"grep -q '^{name} ' /proc/modules"
        if is_there:
            self.pi.ssh(f"{has_it} || insmod /lib/modules/{name}.ko")
        else:
            self.pi.ssh(f"while {has_it}; do rmmod {name} 2>/dev/null || sleep 0.1; done")

    def kernel_account(self, name):
        return int(self.pi.ssh(f"awk '$1 == \"{name}\" {{ print $2 }}' /proc/net/tls_stat"))

    def check_bytes(self, suite):
        """A large file, and pictures: as they were sent, in order."""
        client = self.connect("-quiet", *SUITES[suite])
        client.request("/file.bin")
        self.assertEqual(client.read_body(), FILE)
        client.request("/stream.v1")
        pictures = list(itertools.islice(client.pictures(), PICTURES))
        sequences = [sequence for sequence, _ in pictures]
        self.assertEqual(sequences, sorted(set(sequences)))
        self.assertEqual({picture[:3] for _, picture in pictures}, {b"\0\0\1"})
        self.assertIn(b"\0\0\1\xb3", {picture[:4] for _, picture in pictures})
        client.close()

    def test_kernel_with_tls_seals_what_is_sent(self):
        self.set_module("tls", True)
        before, kernels_before = self.sealed_by_kernel(), self.kernel_account("TlsTxSw")
        for number, suite in enumerate(SUITES, start=1):
            with self.subTest(suite):
                self.check_bytes(suite)
                self.assertEqual(self.sealed_by_kernel() - before, number)
                self.assertEqual(self.kernel_account("TlsTxSw") - kernels_before, number)

    def test_kernel_without_tls_or_the_cipher_leaves_it_to_openssl(self):
        before = self.sealed_by_kernel()
        self.set_module("tls", False)
        self.check_bytes("TLS 1.3, AES-128-GCM")
        self.set_module("tls", True)
        self.set_module("gcm", False)
        self.addCleanup(self.set_module, "gcm", True)
        self.check_bytes("TLS 1.3, AES-128-GCM")
        self.assertEqual(self.sealed_by_kernel(), before)

    def test_clients_that_vanish_leave_nothing_in_the_kernel(self):
        self.set_module("tls", True)
        clients = [self.connect("-quiet", *options) for options in SUITES.values()]
        for client in clients:
            client.request("/stream.v1")
            next(client.pictures())
        self.assertEqual(self.kernel_account("TlsCurrTxSw"), len(SUITES))
        for client in clients:
            client.kill()
        while self.metric('pistream_viewers{stream="camera"}') > 0:
            pass
        while self.kernel_account("TlsCurrTxSw") > 0:
            pass

    def test_key_update_ends_a_connection_that_the_kernel_seals(self):
        self.set_module("tls", True)
        for command in "Kk":
            with self.subTest(command):
                client = self.connect("-brief", "-tls1_3")
                client.request("/healthz")
                self.assertEqual(client.read_body(), b"ok\n")
                client.update_keys(command)
                self.assertEqual(client.process.stdout.read(), b"", "its end, and no other bytes")
        self.assertEqual(self.metric('pistream_viewers{stream="camera"}'), 0)  # it goes on serving

    def test_key_update_without_the_kernel_goes_on(self):
        self.set_module("tls", False)
        for command in "Kk":
            with self.subTest(command):
                client = self.connect("-brief", "-tls1_3")
                for _ in range(2):
                    client.request("/file.bin")
                    self.assertEqual(client.read_body(), FILE)
                    client.update_keys(command)
                client.request("/healthz")
                self.assertEqual(client.read_body(), b"ok\n")

    def test_transport_keeps_its_contract_in_the_kernel(self):
        self.set_module("tls", True)
        said = self.pi.ssh("/tmp/tls_transport_test_aarch64")
        self.assertIn("[       OK ] TlsTransportTest.ClientAsksForNewKeysOfTheKernel_ConnectionEnds", said)


if __name__ == "__main__":
    unittest.main()
