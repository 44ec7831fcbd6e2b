#!/usr/bin/python3
"""pistream below a path prefix of Debian's proxies: the page, its files, the stream.

Each proxy maps /cam/ to pistream's root, as docs/proxy.md shows it, and is told nothing else about
pistream. Everything runs on free ports of 127.0.0.1.
"""
import base64
import contextlib
import html.parser
import http.client
import os
import re
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest
from urllib.parse import urljoin

PISTREAM = os.path.abspath("pistream")
DEADLINE_S = 60

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
  map $http_upgrade $connection_upgrade {{ default upgrade; '' close; }}
  server {{
    listen 127.0.0.1:{port};
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $connection_upgrade;
    location /cam/ {{ proxy_pass http://127.0.0.1:{upstream}/; }}
    # Without a slash at its end: /bare/stream becomes //stream.
    location /bare {{ proxy_pass http://127.0.0.1:{upstream}/; }}
  }}
}}
"""

# As it comes: requests go on as HTTP/1.0, and no WebSocket gets through.
PLAIN_NGINX = re.sub("(?m)^ *(map|proxy_http_version|proxy_set_header (Upgrade|Connection)) .*\n", "",
                     NGINX)

HAPROXY = """
global
defaults
  mode http
  timeout connect 10s
  timeout client 60s
  timeout server 60s
frontend all
  bind 127.0.0.1:{port}
  use_backend pistream if {{ path_beg /cam/ }}
backend pistream
  http-request replace-path /cam/(.*) /\\1
  server pistream 127.0.0.1:{upstream}
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
LoadModule proxy_module /usr/lib/apache2/modules/mod_proxy.so
LoadModule proxy_http_module /usr/lib/apache2/modules/mod_proxy_http.so
Listen 127.0.0.1:{port}
ProxyPreserveHost on
ProxyPass /cam/ http://127.0.0.1:{upstream}/ upgrade=websocket
"""

CADDY = """
{{
  admin off
  auto_https off
}}
http://127.0.0.1:{port} {{
  handle_path /cam/* {{
    reverse_proxy 127.0.0.1:{upstream}
  }}
}}
"""

PROXIES = {
    "nginx": (NGINX, ["/usr/sbin/nginx", "-p", "{folder}", "-c", "{file}"]),
    "plain nginx": (PLAIN_NGINX, ["/usr/sbin/nginx", "-p", "{folder}", "-c", "{file}"]),
    "haproxy": (HAPROXY, ["/usr/sbin/haproxy", "-db", "-f", "{file}"]),
    "apache": (APACHE, ["/usr/sbin/apache2", "-DFOREGROUND", "-f", "{file}"]),
    "caddy": (CADDY, ["/usr/bin/caddy", "run", "--adapter", "caddyfile", "--config", "{file}"]),
}


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


@contextlib.contextmanager
def pistream():
    """The port of a pistream that is ready."""
    command = [PISTREAM, "--source", "simulated", "--port", "0", "--ws-port", "off"]
    with running(command, stdout=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline()
        ready = re.match(r"pistream ready http://127\.0\.0\.1:(\d+)/", line)
        if not ready:
            raise RuntimeError(f"pistream is not ready: {line!r}")
        yield int(ready[1])


@contextlib.contextmanager
def proxy(name, upstream):
    """The port of a proxy in front of `upstream`."""
    template, command = PROXIES[name]
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)  # for servers that change their user
        port = free_port()
        file = os.path.join(folder, "config")
        with open(file, "w", encoding="utf-8") as config:
            config.write(template.format(folder=folder, port=port, upstream=upstream))
        command = [part.format(folder=folder, file=file) for part in command]
        environment = {**os.environ, "HOME": folder, "XDG_DATA_HOME": folder,
                       "XDG_CONFIG_HOME": folder}
        with running(command, env=environment) as process:
            await_port(port, process)
            yield port


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


class Browser:
    """As much of one as the test needs."""

    def __init__(self, port):
        self.port = port

    def get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE_S)
        connection.request("GET", path)
        response = connection.getresponse()
        body = response.read()
        connection.close()
        return response, body

    def follow(self, path):
        """The path and the response where redirects end."""
        for _ in range(5):
            response, body = self.get(path)
            if response.status not in (301, 302, 307, 308):
                return path, response, body
            address = urljoin(f"http://127.0.0.1:{self.port}{path}", response.headers["Location"])
            origin = f"http://127.0.0.1:{self.port}"
            if not address.startswith(origin):
                raise AssertionError(f"{path} leads to {address}")
            path = address[len(origin):]
        raise AssertionError(f"{path} never ends")

    def watch(self, path, messages):
        """The first binary messages of a WebSocket."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=DEADLINE_S) as connection:
            key = base64.b64encode(os.urandom(16)).decode()
            connection.sendall(
                f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
                f"Origin: http://127.0.0.1:{self.port}\r\n"
                "Upgrade: websocket\r\nConnection: Upgrade\r\n"
                f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
                "Sec-WebSocket-Protocol: pistream.v1\r\n\r\n".encode())
            stream = connection.makefile("rb")
            status = stream.readline()
            if not status.startswith(b"HTTP/1.1 101"):
                raise AssertionError(f"{path}: {status!r}")
            while stream.readline() not in (b"\r\n", b""):
                pass
            return [read_message(stream) for _ in range(messages)]


    @contextlib.contextmanager
    def watch_by_http(self, path):
        """The stream over HTTP, and a function that sends control messages for it."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE_S)
        origin = {"Origin": f"http://127.0.0.1:{self.port}"}
        connection.request("GET", path, headers=origin)
        response = connection.getresponse()
        if response.status != 200:
            raise AssertionError(f"{path}: {response.status} {response.read()}")
        session = response.headers["Pistream-Session"]

        def send(message):
            other = http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE_S)
            other.request("POST", f"{path}?session={session}", message, origin)
            status = other.getresponse().status
            other.close()
            return status

        try:
            yield response, send
        finally:
            connection.close()
            response.close()


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

    def play_through(self, name, folder):
        with pistream() as upstream, proxy(name, upstream) as port:
            browser = Browser(port)
            self.expect_plays(browser, folder)
            self.expect_plays(browser, folder + "streams/camera/")
            path, response, _ = browser.follow(folder + "streams/camera")
            self.assertEqual((path, response.status), (folder + "streams/camera/index.html", 200))

    def test_nginx(self):
        self.play_through("nginx", "/cam/")

    def test_nginx_that_lets_no_websocket_through(self):
        with pistream() as upstream, proxy("plain nginx", upstream) as port:
            browser = Browser(port)
            with self.assertRaisesRegex(AssertionError, "/cam/stream"):
                browser.watch("/cam/stream", 1)
            self.expect_plays_by_http(browser, "/cam/")

    def test_nginx_whose_location_has_no_slash_at_its_end(self):
        self.play_through("nginx", "/bare/")

    def test_haproxy(self):
        self.play_through("haproxy", "/cam/")

    def test_apache(self):
        self.play_through("apache", "/cam/")

    def test_caddy(self):
        self.play_through("caddy", "/cam/")


if __name__ == "__main__":
    unittest.main(argv=sys.argv, verbosity=2)
