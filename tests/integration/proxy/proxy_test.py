#!/usr/bin/python3
"""pistream below a path prefix of Debian's proxies, which end TLS: all that a browser needs.

The blocks of docs/proxy.md are what the proxies run, with other ports, files and nothing else.
Everything runs on free ports of 127.0.0.1; the browser's own address is 127.0.0.2.
"""
import base64
import collections
import contextlib
import html.parser
import http.client
import http.cookiejar
import os
import re
import signal
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request
from urllib.parse import quote, urljoin

PISTREAM = os.path.abspath("pistream")
DOCS = os.path.abspath("docs/proxy.md")
DEADLINE_S = 60
NAME = "example.org"  # of the proxy; nobody resolves it
CLIENT = "127.0.0.2"

NGINX = """
daemon off;
user root;  # as root only; others stay what they are
pid {folder}/nginx.pid;
error_log stderr;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  {block}
}}
"""

# As Debian's /etc/haproxy/haproxy.cfg has it.
HAPROXY = """
defaults
  mode http
  timeout connect 5000
  timeout client 50000
  timeout server 50000
{block}
"""

APACHE = """
ServerRoot {folder}
DefaultRuntimeDir {folder}
PidFile {folder}/apache.pid
ErrorLog {folder}/error.log
ServerName localhost
User nobody
Group nogroup
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule alias_module /usr/lib/apache2/modules/mod_alias.so
LoadModule headers_module /usr/lib/apache2/modules/mod_headers.so
LoadModule proxy_module /usr/lib/apache2/modules/mod_proxy.so
LoadModule proxy_http_module /usr/lib/apache2/modules/mod_proxy_http.so
LoadModule ssl_module /usr/lib/apache2/modules/mod_ssl.so
Listen 127.0.0.1:{port}
{block}
"""

CADDY = """
{{
  admin off
  auto_https disable_redirects
}}
{block}
"""

# `around`: what the block is in. `changes`: of the block, for this machine. `command`: to start it.
Kind = collections.namedtuple("Kind", "around changes command")
KINDS = {
    "nginx": Kind(NGINX, {"listen 443 ssl": "listen 127.0.0.1:{port} ssl",
                          "/etc/ssl/example.org/fullchain.pem": "{certificate}",
                          "/etc/ssl/example.org/privkey.pem": "{certificate}"},
                  ["/usr/sbin/nginx", "-p", "{folder}", "-c", "{file}"]),
    "Apache": Kind(APACHE, {"*:443": "127.0.0.1:{port}",
                            "/etc/ssl/example.org/fullchain.pem": "{certificate}",
                            "/etc/ssl/example.org/privkey.pem": "{certificate}"},
                   ["/usr/sbin/apache2", "-DFOREGROUND", "-f", "{file}"]),
    "HAProxy": Kind(HAPROXY, {"bind :443": "bind 127.0.0.1:{port}",
                              "/etc/ssl/example.org.pem": "{certificate}"},
                    ["/usr/sbin/haproxy", "-db", "-f", "{file}"]),
    "Caddy": Kind(CADDY, {"example.org {": "https://example.org:{port} {\n  bind 127.0.0.1\n"
                                           "  tls {certificate} {certificate}"},
                  ["/usr/bin/caddy", "run", "--adapter", "caddyfile", "--config", "{file}"]),
}


def documented(kind, after):
    """The first block of docs/proxy.md that follows `after` and a line that begins with `kind`."""
    with open(DOCS, encoding="utf-8") as docs:
        text = docs.read()
    block = re.search(rf"(?ms)^{after}.*?^(## )?{kind}\b.*?^```\n(.*?)^```$", text)
    if not block:
        raise AssertionError(f"docs/proxy.md has no block of {kind}")
    return block[2]


def block_of(kind):
    return documented(kind, "# ")


def block_with_tls_to_pistream(kind):
    """The block of `kind`, whose line with pistream's address is another."""
    lines = documented(kind, "## TLS to pistream, too")
    block, count = re.subn("(?m)^.*127.0.0.1:8082.*\n", lambda _: lines, block_of(kind))
    if count != 1:
        raise AssertionError(f"{count} lines with pistream's address in:\n{block}")
    return block


def without(pattern, block):
    """`block` without the lines in which `pattern` is found."""
    less = re.sub(rf"(?m)^.*({pattern}).*\n", "", block)
    if less == block:
        raise AssertionError(f"no line to take out: {pattern}")
    return less


def changed(block, changes):
    for old, new in changes.items():
        if old not in block:
            raise AssertionError(f"no {old!r} in:\n{block}")
        block = block.replace(old, new)
    return block


def free_port():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return unused.getsockname()[1]


@contextlib.contextmanager
def running(command, **kwargs):
    """A program that is ended, and waited for, at the end of the block."""
    process = subprocess.Popen(command, **kwargs)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(DEADLINE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()


class Pistream:
    """One that is ready: its port, its tokens, its log, and the folder with its certificate."""

    def __init__(self, port, folder):
        self.port = port
        self.folder = folder
        with open(f"{folder}/tokens", encoding="utf-8") as tokens:
            self.token = re.search('(?m)^view = "(.*)"', tokens.read())[1]

    def log(self):
        # What a response is logged with is written before the response is sent.
        with open(f"{self.folder}/log", encoding="utf-8") as log:
            return log.read()


@contextlib.contextmanager
def pistream(*options, trusts=True):
    with tempfile.TemporaryDirectory() as folder, \
            open(f"{folder}/log", "w", encoding="utf-8") as log:
        subprocess.run([PISTREAM, "--make-tokens", f"{folder}/tokens"], check=True,
                       stdout=subprocess.DEVNULL)
        command = [PISTREAM, "--source", "simulated", "--size", "320x240", "--framerate", "120",
                   "--port", "0", "--ws-port", "off", "--host-name", NAME,
                   "--auth-tokens", f"{folder}/tokens", *options]
        if trusts:
            command += ["--trusted-proxy", "127.0.0.1"]
        environment = {**os.environ, "STATE_DIRECTORY": folder}
        with running(command, stdout=subprocess.PIPE, stderr=log, text=True,
                     env=environment) as process:
            line = process.stdout.readline()
            ready = re.match(r"pistream ready https?://127\.0\.0\.1:(\d+)/", line)
            if not ready:
                raise RuntimeError(f"pistream is not ready: {line!r}")
            yield Pistream(int(ready[1]), folder)


@contextlib.contextmanager
def proxy(kind, upstream, block=None):
    """A browser for a proxy in front of `upstream`, with a block of docs/proxy.md."""
    around, changes, command = KINDS[kind]
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)  # for servers that change their user
        certificate = make_certificate(folder)
        port = free_port()
        block = changed(block or block_of(kind), changes)
        for old, new in {"127.0.0.1:8082": f"127.0.0.1:{upstream.port}",
                         "localhost:8082": f"localhost:{upstream.port}",
                         "/var/lib/pistream-state": upstream.folder,
                         "{port}": str(port), "{certificate}": certificate}.items():
            block = block.replace(old, new)
        file = os.path.join(folder, "config")
        with open(file, "w", encoding="utf-8") as config:
            config.write(around.format(folder=folder, port=port, block=block))
        command = [part.format(folder=folder, file=file) for part in command]
        environment = {**os.environ, "HOME": folder, "XDG_DATA_HOME": folder,
                       "XDG_CONFIG_HOME": folder}
        with running(command, env=environment, start_new_session=True) as process:
            await_port(port, process)
            try:
                yield Browser(port, certificate)
            finally:
                os.killpg(process.pid, signal.SIGKILL)  # by itself, Apache waits for seconds


def make_certificate(folder):
    """The path of a file with a key and its certificate for NAME."""
    file = f"{folder}/certificate.pem"
    subprocess.run(["/usr/bin/openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={NAME}", "-addext",
                    f"subjectAltName=DNS:{NAME}", "-keyout", file, "-out", f"{folder}/public.pem"],
                   check=True, stderr=subprocess.DEVNULL)
    with open(f"{folder}/public.pem", encoding="utf-8") as public, \
            open(file, "a", encoding="utf-8") as both:
        both.write(public.read())
    return file


def await_port(port, process):
    end = time.monotonic() + DEADLINE_S
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args[0]} has ended")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"{process.args[0]} does not listen")


class References(html.parser.HTMLParser):
    """Addresses that a page makes a browser load."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        wanted = {"script": "src", "link": "href", "img": "src"}.get(tag)
        self.found += [value for name, value in attrs if name == wanted]


class Connection(http.client.HTTPConnection):
    """To a proxy, by TLS, from the browser's own address."""

    def __init__(self, browser):
        super().__init__(NAME, browser.port)
        self.browser = browser

    def connect(self):
        plain = socket.create_connection(("127.0.0.1", self.port), DEADLINE_S, (CLIENT, 0))
        self.sock = self.browser.tls.wrap_socket(plain, server_hostname=NAME)


class Browser:
    """As much of one as the test needs: it keeps cookies, and verifies the proxy's certificate."""

    def __init__(self, port, certificate):
        self.port = port
        self.origin = f"https://{NAME}:{port}"
        self.tls = ssl.create_default_context(cafile=certificate)
        self.cookies = http.cookiejar.CookieJar()

    @contextlib.contextmanager
    def response(self, path, method="GET", body=None, headers=None):
        """While its body comes."""
        request = urllib.request.Request(self.origin + path, headers=headers or {})
        self.cookies.add_cookie_header(request)
        with contextlib.closing(Connection(self)) as connection:
            connection.request(method, path, body, dict(request.header_items()))
            with connection.getresponse() as response:
                self.cookies.extract_cookies(response, request)
                yield response

    def get(self, path, **kwargs):
        with self.response(path, **kwargs) as response:
            return response, response.read()

    def log_in(self, token, headers=None):
        return self.get("/cam/session", method="POST", body=token,
                        headers={"Origin": self.origin, "Content-Type": "text/plain",
                                 **(headers or {})})

    def follow(self, path):
        """The path and the response where redirects end."""
        for _ in range(5):
            response, body = self.get(path)
            if response.status not in (301, 302, 307, 308):
                return path, response, body
            address = urljoin(self.origin + path, response.headers["Location"])
            if not address.startswith(self.origin + "/cam/"):
                raise AssertionError(f"{path} leads to {address}")
            path = address[len(self.origin):]
        raise AssertionError(f"{path} never ends")

    def open_websocket(self, path):
        """The status line of the handshake, and the connection."""
        connection = Connection(self)
        connection.connect()
        request = urllib.request.Request(self.origin + path)
        self.cookies.add_cookie_header(request)
        cookie = request.get_header("Cookie")
        key = base64.b64encode(os.urandom(16)).decode()
        connection.sock.sendall(
            (f"GET {path} HTTP/1.1\r\nHost: {NAME}:{self.port}\r\nOrigin: {self.origin}\r\n"
             "Upgrade: websocket\r\nConnection: Upgrade\r\n"
             f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
             "Sec-WebSocket-Protocol: pistream.v1\r\n"
             + (f"Cookie: {cookie}\r\n" if cookie else "") + "\r\n").encode())
        stream = connection.sock.makefile("rb")
        status = stream.readline().decode()
        while stream.readline() not in (b"\r\n", b""):
            pass
        return status, connection, stream

    def watch(self, path, messages):
        """The first binary messages of a WebSocket."""
        status, connection, stream = self.open_websocket(path)
        with contextlib.closing(connection), stream:
            if not status.startswith("HTTP/1.1 101"):
                raise AssertionError(f"{path}: {status!r}")
            return [read_message(stream) for _ in range(messages)]

    def websocket_status(self, path):
        status, connection, stream = self.open_websocket(path)
        with contextlib.closing(connection), stream:
            return int(status.split()[1])

    @contextlib.contextmanager
    def watch_by_http(self, path):
        """The stream over HTTP, and a function that sends control messages for it."""
        origin = {"Origin": self.origin}
        with self.response(path, headers=origin) as response:
            if response.status != 200:
                raise AssertionError(f"{path}: {response.status} {response.read()}")
            session = response.headers["Pistream-Session"]

            def send(message):
                return self.get(f"{path}?session={session}", method="POST", body=message,
                                headers={"Content-Type": "text/plain", **origin})[0].status

            yield response, send


def read_frame(stream):
    """The opcode and the payload of a WebSocket frame."""
    first, length = stream.read(2)
    if length == 126:
        (length,) = struct.unpack(">H", stream.read(2))
    elif length == 127:
        (length,) = struct.unpack(">Q", stream.read(8))
    return first & 0xF, stream.read(length)


def read_message(stream):
    opcode, payload = read_frame(stream)
    if opcode != 2:
        raise AssertionError(f"not a binary message: {opcode}")
    return payload


class ProxyTest(unittest.TestCase):
    def expect_plays(self, browser, folder):
        """`folder` plays, by what the server and the page write."""
        page, response, body = browser.follow(folder)
        self.assertEqual(response.status, 200, page)
        self.assertEqual(page, folder + "index.html")
        self.assertIn(b"<html", body)
        references = References(body.decode()).found
        self.assertTrue(references)
        for reference in references:
            path = urljoin(page, reference)
            self.assertEqual(browser.get(path)[0].status, 200, path)
        self.assertEqual(browser.get(folder + "healthz")[1], b"ok\n")
        header, picture = browser.watch(folder + "stream", 2)
        self.assertEqual(header[:4], b"jsmp")
        self.assertEqual(picture[0], 1, "pistream.v1's version")
        self.expect_plays_by_http(browser, folder)

    def expect_plays_by_http(self, browser, folder):
        with browser.watch_by_http(folder + "stream.v1") as (stream, send):
            self.assertEqual(read_message(stream)[:4], b"jsmp")
            self.assert_pictures([read_message(stream) for _ in range(40)])
            self.assertEqual(send('{"type":"ping","id":7}'), 204)
            self.assertIn(b'"id":7', self.read_text(stream))
            self.assertEqual(send('{"type":"pause"}\n{"type":"ping","id":8}'), 204)
            self.assertIn(b'"id":8', self.read_text(stream))

    def read_text(self, stream):
        """The next text message. The last one must come though nothing follows it."""
        for _ in range(200):
            opcode, payload = read_frame(stream)
            if opcode == 1:
                return payload
        raise AssertionError("no text message among the pictures")

    def assert_pictures(self, messages):
        """They are pictures of pistream.v1, in the order in which they were sent."""
        sent = [struct.unpack(">Q", message[24:32])[0] for message in messages]
        self.assertEqual(sent, sorted(sent))
        self.assertEqual({message[0] for message in messages}, {1}, "pistream.v1's version")

    def expect_session(self, browser, token):
        """Nothing plays before the log-in, whose cookie is for the prefix and for TLS only."""
        self.assertEqual(browser.websocket_status("/cam/stream"), 401)
        self.assertEqual(browser.get("/cam/stream.v1", headers={"Pistream-Client": "1"})[0].status,
                         401)
        response, body = browser.log_in(token)
        self.assertEqual((response.status, body), (200, b'{"role":"view"}\n'))
        (cookie,) = browser.cookies
        self.assertTrue(cookie.secure)
        self.assertTrue(cookie.has_nonstandard_attr("HttpOnly"))
        self.assertEqual(cookie.get_nonstandard_attr("SameSite"), "Strict")
        self.assertFalse(cookie.path_specified)
        self.assertEqual(cookie.path, "/cam")

    def play_through(self, kind, block=None):
        with pistream() as upstream, proxy(kind, upstream, block) as browser:
            self.assertEqual(browser.follow("/cam")[0], "/cam/index.html")
            self.expect_session(browser, upstream.token)
            self.expect_plays(browser, "/cam/")
            self.expect_plays(browser, "/cam/streams/camera/")
            path, response, _ = browser.follow("/cam/streams/camera")
            self.assertEqual((path, response.status), ("/cam/streams/camera/index.html", 200))
            self.expect_failure_from(CLIENT, browser, upstream)

    def expect_failure_from(self, address, browser, upstream):
        """The log has `address` for a wrong token, whatever the client itself says of it."""
        response, _ = browser.log_in("wrong", headers={"X-Forwarded-For": "10.9.9.9"})
        self.assertEqual(response.status, 401)
        self.assertEqual(re.findall("(?m) authentication failed from (.*)$", upstream.log()),
                         [address])

    def expect_untrusted(self, kind):
        with pistream(trusts=False) as upstream, proxy(kind, upstream) as browser:
            self.assertEqual(browser.log_in(upstream.token)[0].status, 200)
            self.assertEqual([cookie.secure for cookie in browser.cookies], [False])
            self.assertIn("not Secure: it needs --trusted-proxy 127.0.0.1", upstream.log())
            self.assertEqual(browser.watch("/cam/stream", 1)[0][:4], b"jsmp")
            self.expect_failure_from("127.0.0.1", browser, upstream)

    def play_with_tls_to_pistream(self, kind):
        with pistream("--tls-certificate", "self") as upstream, \
                proxy(kind, upstream, block_with_tls_to_pistream(kind)) as browser:
            self.expect_session(browser, upstream.token)
            self.expect_plays(browser, "/cam/")

    def test_nginx(self):
        self.play_through("nginx")
        self.expect_untrusted("nginx")
        self.play_with_tls_to_pistream("nginx")

    def test_haproxy(self):
        self.play_through("HAProxy")
        self.expect_untrusted("HAProxy")
        self.play_with_tls_to_pistream("HAProxy")

    def test_apache(self):
        self.play_through("Apache")
        self.expect_untrusted("Apache")
        self.play_with_tls_to_pistream("Apache")

    def test_caddy(self):
        self.play_through("Caddy")
        self.expect_untrusted("Caddy")

    def test_nginx_whose_location_has_no_slash_at_its_end(self):
        # /cam/stream becomes //stream.
        block = changed(block_of("nginx"),
                        {"location /cam/ {": "location = /cam { return 301 /cam/; }\n"
                                             "  location /cam {"})
        self.play_through("nginx", block)

    # As nginx comes: requests go on as HTTP/1.0, and no WebSocket gets through.
    def test_nginx_without_the_headers_of_an_upgrade(self):
        block = without("proxy_http_version|proxy_set_header (Upgrade|Connection)|proxy_buffering",
                        block_of("nginx"))
        with pistream() as upstream, proxy("nginx", upstream, block) as browser:
            self.assertEqual(browser.log_in(upstream.token)[0].status, 200)
            self.assertEqual(browser.websocket_status("/cam/stream"), 400)
            self.assertRegex(upstream.log(),
                             r"refused a WebSocket handshake .*: A WebSocket handshake needs "
                             r"HTTP/1\.1, .*nginx: proxy_http_version 1\.1; proxy_set_header")
            self.expect_plays_by_http(browser, "/cam/")

    def test_nginx_that_replaces_host(self):
        block = without("proxy_set_header (Host|X-Forwarded-Host)", block_of("nginx"))
        line = r"nginx: proxy_set_header Host \$http_host"
        with pistream() as upstream, proxy("nginx", upstream, block) as browser:
            self.assertEqual(browser.follow("/cam/")[1].status, 200)
            response, body = browser.log_in(upstream.token)
            self.assertEqual(response.status, 403)
            self.assertRegex(body.decode(), line)
            self.assertRegex(upstream.log(), r"refused POST session .*"
                             rf"--allow-origin {browser.origin} would let it watch; .*{line}")
            response, body = browser.get(f"/cam/healthz?origin={quote(browser.origin, safe='')}")
            self.assertEqual(response.status, 403)
            self.assertRegex(body.decode(), line, "what the page shows")

    def test_nginx_that_says_the_name_of_its_upstream(self):
        block = without("proxy_set_header (Host|X-Forwarded-Host)", block_of("nginx"))
        block = "upstream the_cam { server 127.0.0.1:8082; }\n" + changed(
            block, {"http://127.0.0.1:8082/": "http://the_cam/"})
        with pistream(trusts=False) as upstream, proxy("nginx", upstream, block) as browser:
            response, body = browser.get("/cam/")
            self.assertEqual(response.status, 421)
            line = (r"not called 'the_cam'.*--host-name the_cam.*"
                    r"nginx: proxy_set_header Host \$http_host")
            self.assertRegex(body.decode(), line)
            self.assertRegex(upstream.log(), line.replace("not called 'the_cam'", "'the_cam'"))

    def test_nginx_that_passes_the_prefix_on(self):
        block = changed(block_of("nginx"), {"http://127.0.0.1:8082/": "http://127.0.0.1:8082"})
        with pistream() as upstream, proxy("nginx", upstream, block) as browser:
            response, body = browser.get("/cam/")
            self.assertEqual(response.status, 404)
            self.assertIn(b"A proxy that adds a path", body)


if __name__ == "__main__":
    unittest.main(argv=sys.argv, verbosity=2)
