#!/usr/bin/python3
"""TLS of the real server, as clients that are not ours see it: openssl, curl, testssl.

Everything is on 127.0.0.1. What those clients check of certificates is for the name localhost.
"""
import base64
import contextlib
import http.client
import json
import os
import re
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import unittest

PISTREAM = os.path.abspath("pistream")
OPENSSL = "/usr/bin/openssl"
DEADLINE_S = 60
REQUEST = "GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n"


def output(*command, stdin=""):
    """What a program writes, to either stream, whatever becomes of it."""
    return subprocess.run(command, input=stdin, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=DEADLINE_S, check=False).stdout


@contextlib.contextmanager
def pistream(folder, *options):
    """The port of one that is ready."""
    command = [PISTREAM, "--source", "simulated", "--size", "64x48", "--port", "0",
               "--ws-port", "off", "--log-level", "error", *options]
    environment = {**os.environ, "STATE_DIRECTORY": folder}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            line = process.stdout.readline()
            ready = re.match(r"pistream ready https://127\.0\.0\.1:(\d+)/", line)
            if not ready:
                raise RuntimeError(f"pistream is not ready: {line!r}")
            yield int(ready[1])
        finally:
            process.terminate()


class SelfSignedTest(unittest.TestCase):
    """With a certificate that the server has made for itself, and with tokens."""

    @classmethod
    def setUpClass(cls):
        cls.folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        tokens = f"{cls.folder}/tokens"
        subprocess.run([PISTREAM, "--make-tokens", tokens], check=True, stdout=subprocess.DEVNULL)
        with open(tokens, encoding="utf-8") as file:
            cls.tokens = dict(re.findall('(?m)^(view|control) = "(.*)"', file.read()))
        cls.port = cls.enterClassContext(
            pistream(cls.folder, "--tls-certificate", "self", "--auth-tokens", tokens))
        cls.certificate = f"{cls.folder}/self-signed.pem"


class ClientTest(SelfSignedTest):
    def s_client(self, *options, stdin=""):
        return output(OPENSSL, "s_client", "-connect", f"127.0.0.1:{self.port}",
                      "-servername", "localhost", "-verify_hostname", "localhost",
                      "-verify_return_error", "-CAfile", self.certificate, *options, stdin=stdin)

    def curl(self, address, *options, scheme="https", host="localhost"):
        """What curl writes for `address`, and behind it, in a line, the status."""
        return output("/usr/bin/curl", "--silent", "--show-error", "--cacert", self.certificate,
                      "--resolve", f"{host}:{self.port}:127.0.0.1", "--write-out",
                      "\n%{http_code}", *options, f"{scheme}://{host}:{self.port}/{address}")

    def metric(self, name):
        text = self.curl("metrics", "--oauth2-bearer", self.tokens["control"])
        return float(re.search(rf"(?m)^{re.escape(name)} (.*)$", text)[1])

    def test_versions_that_are_spoken(self):
        for option, version in ("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3"):
            text = self.s_client(option)
            self.assertIn(f"New, {version}, Cipher is ", text)
            self.assertIn("Verification: OK\nVerified peername: localhost\n", text)

    def test_version_that_the_server_refuses(self):
        # The level lets the client ask for it.
        text = self.s_client("-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0")
        self.assertIn("alert protocol version", text)
        self.assertIn("New, (NONE)", text)

    def test_sessions_are_resumed(self):
        resumed = 'pistream_tls_handshakes_total{resumed="true",version="1.2"}'
        before = self.metric(resumed)
        text = self.s_client("-tls1_2", "-reconnect")
        self.assertEqual(re.findall("(?m)^(New|Reused), TLSv1.2", text), ["New"] + 5 * ["Reused"])
        self.assertEqual(self.metric(resumed), before + 5)
        # Of 1.3 the ticket comes after the handshake.
        session = f"{self.folder}/session"
        first = self.s_client("-tls1_3", "-ign_eof", "-sess_out", session, stdin=REQUEST)
        self.assertIn("New, TLSv1.3", first)
        second = self.s_client("-tls1_3", "-ign_eof", "-sess_in", session, stdin=REQUEST)
        self.assertIn("Reused, TLSv1.3", second)
        self.assertIn("HTTP/1.0 200 OK", second)

    def test_protocol_is_http_1_1(self):
        self.assertIn("ALPN protocol: http/1.1", self.s_client("-alpn", "h2,http/1.1"))
        self.assertIn("alert no application protocol", self.s_client("-alpn", "h2"))
        text = self.curl("healthz", "--http2", "--write-out", "%{http_version}")
        self.assertEqual(text, "ok\n1.1")

    def test_curl_verifies(self):
        self.assertRegex(self.curl("index.html"), r"(?s)<html.*\n200\Z")
        self.assertIn("no alternative certificate subject name matches",
                      self.curl("", host="other.test"))

    def test_plain_http_leads_to_https(self):
        text = self.curl("", "--location", "--output", "/dev/null", "--write-out",
                         "%{http_code} %{num_redirects} %{url_effective}", scheme="http")
        self.assertEqual(text, f"200 2 https://localhost:{self.port}/index.html")

    def test_tokens(self):
        view = self.tokens["view"]
        streams = "api/v1/streams"
        self.assertTrue(self.curl(streams).endswith("\n401"))
        self.assertTrue(self.curl(streams, "--oauth2-bearer", view).endswith("\n200"))
        self.assertTrue(self.curl(streams, "--user", f"anybody:{view}").endswith("\n200"))
        self.assertTrue(self.curl(f"{streams}?token={view}").endswith("\n200"))
        self.assertTrue(self.curl(streams, "--oauth2-bearer", "wrong").endswith("\n401"))

    def test_session_is_in_the_cookie_jar(self):
        jar = f"{self.folder}/jar"
        log_in = self.curl("session", "--cookie-jar", jar, "--data",
                           f"token={self.tokens['view']}")
        self.assertEqual(log_in, '{"role":"view"}\n\n200')
        with open(jar, encoding="utf-8") as file:
            (cookie,) = [line.split("\t") for line in file if "pistream_session_" in line]
        # Domain, whether for those below it, path, whether for TLS only.
        self.assertEqual(cookie[:4], ["#HttpOnly_localhost", "FALSE", "/", "TRUE"])
        self.assertEqual(self.curl("session", "--cookie", jar), '{"role":"view"}\n\n200')

    def test_host_of_another_is_refused(self):
        text = self.curl("", "--header", "Host: evil.example")
        self.assertRegex(text, "(?s)not called 'evil.example'.*\n421")


class TestsslTest(SelfSignedTest):
    def test_finds_nothing(self):
        file = f"{self.folder}/findings.json"
        text = subprocess.run(
            ["/usr/bin/testssl", "--quiet", "--color", "0", "--warnings", "off", "--openssl",
             OPENSSL, "--nodns", "none", "--add-ca", self.certificate, "--jsonfile", file,
             "--protocols", "--server-preference", "--server-defaults", "--vulnerable",
             f"127.0.0.1:{self.port}"],
            text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            check=False).stdout
        with open(file, encoding="utf-8") as findings:
            severities = {finding["id"]: finding["severity"] for finding in json.load(findings)}
        for name in "TLS1_2", "TLS1_3", "cert_chain_of_trust", "heartbleed", "LUCKY13", "RC4":
            self.assertIn(severities.get(name), ("OK", "INFO"), f"{name}\n{text}")
        found = {name for name, severity in severities.items()
                 if severity in ("MEDIUM", "HIGH", "CRITICAL", "FATAL")}
        # Nobody can revoke what nobody has signed.
        self.assertEqual(found - {"cert_revocation"}, set(), text)


class Viewer(threading.Thread):
    """Watches in the background, and keeps what the headers of the pictures say."""

    def __init__(self, port, tls):
        super().__init__()
        plain = socket.create_connection(("127.0.0.1", port), DEADLINE_S)
        self.connection = tls.wrap_socket(plain, server_hostname="localhost")
        self.stream = self.connection.makefile("rb")
        self.changed = threading.Condition()
        self.pictures = []  # sequence, flags
        self.is_over = False
        self.open()
        self.start()

    def open(self):
        key = base64.b64encode(os.urandom(16)).decode()
        self.connection.sendall((
            "GET /stream HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Protocol: pistream.v1\r\n\r\n").encode())
        status = self.stream.readline()
        if not status.startswith(b"HTTP/1.1 101"):
            raise RuntimeError(f"no WebSocket: {status!r}")
        while self.stream.readline() not in (b"\r\n", b""):
            pass

    def run(self):
        with contextlib.suppress(OSError, ValueError):  # the end
            while True:
                opcode, payload = self.read_frame()
                if opcode == 2 and payload[0] == 1:
                    _, _, flags, _, sequence = struct.unpack(">BBHIQ", payload[:16])
                    with self.changed:
                        self.pictures.append((sequence, flags))
                        self.changed.notify()
        with self.changed:
            self.is_over = True
            self.changed.notify()

    def read_frame(self):
        first, length = self.stream.read(2)
        if length == 126:
            (length,) = struct.unpack(">H", self.stream.read(2))
        elif length == 127:
            (length,) = struct.unpack(">Q", self.stream.read(8))
        return first & 0xF, self.stream.read(length)

    def await_pictures(self, count):
        """All pictures so far, which are `count` at least."""
        with self.changed:
            self.changed.wait_for(lambda: self.is_over or len(self.pictures) >= count)
            if len(self.pictures) < count:
                raise AssertionError("the connection has ended")
            return list(self.pictures)

    def stop(self):
        self.connection.shutdown(socket.SHUT_RDWR)
        self.join()
        self.stream.close()
        self.connection.close()


class RenewalTest(unittest.TestCase):
    """An authority has signed a certificate that has expired, and then another one."""

    VIEWERS = 8

    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory())
        self.make_key("ca", "-x509")
        self.verifying = ssl.create_default_context(cafile=f"{self.folder}/ca.pem")
        self.careless = ssl.create_default_context()
        self.careless.check_hostname = False
        self.careless.verify_mode = ssl.CERT_NONE

    def make_key(self, name, *options):
        subprocess.run([OPENSSL, "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                        "-nodes", "-subj", f"/CN={name}", "-addext",
                        "subjectAltName=DNS:localhost", "-keyout", f"{self.folder}/{name}.key",
                        "-out", f"{self.folder}/{name}.pem", *options],
                       check=True, stderr=subprocess.DEVNULL)

    def put_pair(self, days):
        """Replaces both files, one after the other, and says when the certificate ends."""
        self.make_key("new")
        subprocess.run([OPENSSL, "x509", "-req", "-in", f"{self.folder}/new.pem",
                        "-CA", f"{self.folder}/ca.pem", "-CAkey", f"{self.folder}/ca.key",
                        "-copy_extensions", "copyall", "-days", str(days),
                        "-out", f"{self.folder}/signed.pem"],
                       check=True, stderr=subprocess.DEVNULL)
        end = output(OPENSSL, "x509", "-in", f"{self.folder}/signed.pem", "-noout", "-enddate")
        os.replace(f"{self.folder}/new.key", f"{self.folder}/key.pem")
        os.replace(f"{self.folder}/signed.pem", f"{self.folder}/certificate.pem")
        return ssl.cert_time_to_seconds(end.strip().partition("=")[2])

    def watch(self, port, tls):
        viewer = Viewer(port, tls)
        self.addCleanup(viewer.stop)
        return viewer

    def metric(self, port, name):
        connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=DEADLINE_S,
                                                 context=self.careless)
        with contextlib.closing(connection):
            connection.request("GET", "/metrics")
            text = connection.getresponse().read().decode()
        return float(re.search(rf"(?m)^{name}(?:{{.*}})? (.*)$", text)[1])

    def assert_nothing_missed(self, viewers):
        """Each has all pictures that any of them has, from its first one on."""
        wanted = [len(viewer.pictures) + 24 for viewer in viewers]
        all_pictures = [viewer.await_pictures(count) for viewer, count in zip(viewers, wanted)]
        sent = sorted({sequence for pictures in all_pictures for sequence, _ in pictures})
        for pictures in all_pictures:
            own = [sequence for sequence, _ in pictures]
            first = sent.index(own[0])
            self.assertEqual(own, sent[first:first + len(own)])
            self.assertEqual({flags & 1 for _, flags in pictures[1:]}, {0}, "none after a loss")

    def test_expired_certificate_is_replaced_under_load(self):
        expires = "pistream_tls_certificate_expires_timestamp_seconds"
        end = self.put_pair(-1)
        with pistream(self.folder, "--tls-certificate", f"{self.folder}/certificate.pem",
                      "--tls-key", f"{self.folder}/key.pem") as port:
            viewers = [self.watch(port, self.careless) for _ in range(self.VIEWERS)]
            for viewer in viewers:
                viewer.await_pictures(24)
            self.assertEqual(self.metric(port, expires), end)

            new_end = self.put_pair(30)
            newcomers = []
            while not newcomers:
                try:
                    newcomers.append(self.watch(port, self.verifying))
                except ssl.SSLCertVerificationError as error:
                    self.assertIn("certificate has expired", error.verify_message)
            newcomers += [self.watch(port, self.verifying) for _ in range(self.VIEWERS - 1)]
            self.assertEqual(self.metric(port, expires), new_end)
            self.assert_nothing_missed(viewers + newcomers)
            self.assertEqual(self.metric(port, "pistream_pictures_dropped_behind_total"), 0)
            self.assertEqual(self.metric(port, "pistream_viewers"), 2 * self.VIEWERS)


if __name__ == "__main__":
    unittest.main(argv=sys.argv, verbosity=2)
