#!/usr/bin/python3
"""Measures the fan-out beside the floor, in alternating runs, and compares with a saved baseline.

Called by ./dev bench. Writes results.json and results.html; exit code 1 if a figure is worse than the baseline's
beyond the noise, a healthy viewer missed a picture, or something could not be measured.
"""
import argparse
import contextlib
import datetime
import http.client
import json
import os
import platform
import re
import resource
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True  # into the sources' folder
import figures  # pylint: disable=wrong-import-position
import page  # pylint: disable=wrong-import-position

# Sides whose viewers do not count: no pistream serves them.
FLOORS = ("floor", "TLS floor", "ChaCha20 floor", "bare encoder and floor")

# For the load generator. A side whose viewers speak TLS has a server that does.
TLS = ["--tls"]
CHACHA20 = [*TLS, "--ciphersuite", "TLS_CHACHA20_POLY1305_SHA256"]

# What is held against what in the rows of TLS. "pistream" is TLS with AES-128-GCM.
TLS_PAIRS = (("pistream", "TLS floor"), ("pistream", "plain"), ("ChaCha20", "ChaCha20 floor"), ("ChaCha20", "plain"))

NGINX_PROGRAM = "/usr/sbin/nginx"
NGINX = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log stderr;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  map $http_upgrade $connection_upgrade {{ default upgrade; '' close; }}
  server {{
    listen 127.0.0.1:{port} ssl backlog=4096;
    ssl_certificate {certificate};
    ssl_certificate_key {certificate};
    ssl_protocols TLSv1.3;
    location / {{
      proxy_pass http://127.0.0.1:{upstream}/;
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
    }}
  }}
}}
"""

LOAD, FLOOR, BARE_ENCODER = "tests/bench/load", "tests/bench/floor", "tests/bench/bare_encoder"
WORKSPACE = os.environ.get("BUILD_WORKSPACE_DIRECTORY", ".")
BASELINE = f"{WORKSPACE}/tests/bench/baseline.json"

# What a program keeps open besides its viewers, at most.
OTHER_FILES = 100


class Failure(Exception):
    """Nothing can be measured; the text says why."""


def options_of(arguments):
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true", help="also 1 to 5000 viewers, bitrates, sizes, threads: half an hour")
    parser.add_argument("--tls", action="store_true", help="only what TLS costs, all of it, with nginx if it is installed: 40 minutes")
    parser.add_argument("--only", default="", help="only experiments whose names contain this")
    parser.add_argument("--pairs", type=int, default=5, help="alternating runs of each (%(default)s)")
    parser.add_argument("--seconds", type=float, default=8, help="how long each run is measured (%(default)s)")
    parser.add_argument("--realtime", action="store_true", help="before all other programs: for a busy machine, as root")
    parser.add_argument("--output", default=f"{WORKSPACE}/bench-results", help="folder for the results (%(default)s)")
    parser.add_argument("--save-baseline", action="store_true", help="writes tests/bench/baseline.json")
    parser.add_argument("--pistream", default="./pistream", help="another build to measure")
    parser.add_argument("--peer", action="append", default=[], help="a build to hold it against, beside the floor; twice: also against itself")
    return parser.parse_args(arguments)


def experiment(name, group, x, pistream, against="floor", viewers=100, **settings):
    """One row of the plan.

    pistream and, by the name `against`, the side to hold it against are options of the load generator; "others" those
    of a second one beside it. `settings`: size, bitrate, framerate, threads; streams of one process, or processes of
    one stream; whether viewers need a session.
    """
    usual = {"size": "640x480", "bitrate": "800k", "framerate": 24, "threads": 1, "streams": 1, "processes": 1}
    settings = {**usual, "tokens": False, **settings}
    return {
        "name": name,
        "group": group,
        "x": x,
        "against": against,
        "viewers": viewers,
        "settings": settings,
        "load": {"pistream": pistream, against: []},
        "others": {},
    }


def tls_fan_out(viewers, kilobytes, **settings):
    """Both suites, each beside its floor, and plain TCP."""
    name, group = f"{viewers} viewers, TLS, {kilobytes} KB", f"TLS, pictures of {kilobytes} KB"
    row = experiment(name, group, viewers, TLS, "TLS floor", viewers=viewers, **settings)
    row["load"] = {"pistream": TLS, "TLS floor": TLS, "plain": [], "ChaCha20": CHACHA20, "ChaCha20 floor": CHACHA20}
    row["pairs"] = TLS_PAIRS
    return row


def tls_joins(name, load):
    group = "joins by TLS with a session, while 500 watch"
    row = experiment(f"{name}, TLS", group, None, [*TLS, *load], "joins without TLS", viewers=500, tokens=True)
    row["load"]["joins without TLS"] = load
    return row


SINGLE_JOINS = ["--join-rate", "8"]
MANY_JOINS = ["--join-rate", "500", "--joins", "500"]


def quick_tls_plan():
    return [tls_fan_out(1000, 4), tls_joins("single joins", SINGLE_JOINS)]


def tls_plan():
    plan = [tls_fan_out(viewers, 4) for viewers in (100, 400, 1000)]
    # So few a second that one processor can encrypt them for all.
    large = {"size": "1280x720", "bitrate": "1600k", "framerate": 5}
    plan += [tls_fan_out(viewers, 40, **large) for viewers in (100, 400, 1000)]
    plan += [tls_joins("single joins", SINGLE_JOINS), tls_joins("500 joins in a second", MANY_JOINS)]
    row = experiment("400 viewers, TLS, beside nginx", "TLS by a proxy", None, TLS, "nginx and plain", viewers=400)
    row["load"]["nginx and plain"] = TLS
    return [*plan, row]


def quick_plan():
    plan = [experiment(f"{n} viewers", "viewers", n, [], viewers=n) for n in (100, 400, 1000)]
    acknowledging = experiment("1000 that acknowledge", "pistream.v1", None, [], "without", viewers=1000)
    v1 = ["--path", "/stream", "--headers"]
    acknowledging["load"] = {"pistream": [*v1, "--ping-period", "2"], "without": v1}
    plan.append(acknowledging)
    plan.append(experiment("one viewer", "the whole program", None, [], "bare encoder and floor", viewers=1))
    plan.append(experiment("4 streams of 250 viewers", "several streams", None, [], viewers=1000, streams=4))
    # Small: two processors are to carry them.
    small = {"size": "320x240", "bitrate": "400k", "viewers": 16}
    plan.append(experiment("16 streams of one viewer", "several streams", None, [], "16 processes", streams=16, **small))
    joins = {"single joins": SINGLE_JOINS, "500 joins in a second": MANY_JOINS}
    for name, load in joins.items():
        # There a joiner waits for the keyframe that is requested for it: no group is sent.
        row = experiment(name, "joins, while 500 watch", None, load, "classic path", viewers=500)
        row["load"]["classic path"] = [*load, "--join-path", "/"]
        plan.append(row)
    group, alone = "beside 500 healthy viewers", "healthy viewers only"
    row = experiment("200 that are slow or hostile", group, None, [], alone, viewers=500)
    # From a load generator of their own: what they cost that one is no delay of the server's.
    row["others"] = {"pistream": ["--stalled", "100", "--trickling", "50", "--vanish-rate", "50"]}
    recovering = ["--recovering", "50", "--pause", "3", "--join-rate", "8"]
    return [*plan, row, experiment("50 that pause for 3 s", group, None, recovering, alone, viewers=500)]


def full_plan():
    plan = [experiment(f"{n} viewers", "viewers", n, [], viewers=n) for n in (1, 10, 2000, 5000)]
    for kbit in (200, 2000, 5000, 20000):
        plan.append(experiment(f"{kbit} kbit/s", "kbit/s, 100 viewers", kbit, [], bitrate=f"{kbit}k"))
    for width, height, kbit in ((160, 120, 200), (320, 240, 400), (1280, 720, 2000), (1920, 1080, 4000)):
        name = f"{width}x{height}"
        row = experiment(name, "width, 100 viewers", width, [], size=name, bitrate=f"{kbit}k")
        plan.append(row)
    plan += [experiment(f"{n} threads", "threads, 1000 viewers", n, [], viewers=1000, threads=n) for n in (1, 2)]
    return plan


def raise_file_limit(plan):
    """For this program and those it starts."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = lambda row: row["viewers"] * (2 if "nginx and plain" in row["load"] else 1)
    needed = OTHER_FILES + max(map(files, plan)) + 700  # joiners, stalled ones
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise Failure(f"{needed} open files are needed, but {hard} is the most allowed here: raise it (ulimit -Hn)")
    if soft != resource.RLIM_INFINITY and soft < needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


def take_precedence():
    """Over all programs of the usual kind, for this one and those it starts."""
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(10))
    except PermissionError:
        raise Failure("--realtime is for root") from None


class Server:
    """A program that says where it listens in its first line, until the end of a with block."""

    def __init__(self, *command, environment=None):
        command = [str(part) for part in command]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **(environment or {})})
        ready = re.search(r":(\d+)/", self.process.stdout.readline())
        if not ready:
            self.process.wait()
            raise Failure(f"{command[0]} did not start")
        self.ports = [ready.group(1)]
        self.pids = [str(self.process.pid)]
        self.paths = ["/stream"]

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate()


class Nginx:
    """One process of Debian's nginx, which speaks TLS, in front of a server, which does not."""

    def __init__(self, server, certificate, folder):
        self.server = server
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            port = unused.getsockname()[1]
        with open(f"{folder}/nginx.conf", "w", encoding="utf-8") as file:
            file.write(NGINX.format(folder=folder, port=port, certificate=certificate, upstream=server.ports[0]))
        self.process = subprocess.Popen([NGINX_PROGRAM, "-p", folder, "-c", file.name])
        self.ports, self.paths = [str(port)], server.paths
        self.pids = [str(self.process.pid), *server.pids]

    def __enter__(self):
        for _ in range(100):
            with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", self.ports[0])):
                return self
            time.sleep(0.1)
        self.__exit__()
        raise Failure("nginx does not listen after 10 s")

    def __exit__(self, *error):
        self.process.terminate()
        self.process.wait()
        self.server.__exit__()


class Servers:
    """Several of them as one, each with a stream of its own."""

    def __init__(self, starts):
        self.paths = ["/stream"]
        self.ports, self.pids = [], []
        with contextlib.ExitStack() as stack:
            for start in starts:
                server = stack.enter_context(start())
                self.ports += server.ports
                self.pids += server.pids
            self.stack = stack.pop_all()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.stack.close()


class Bench:
    def __init__(self, options, folder):
        self.options = options
        self.folder = folder
        self.captures = {}
        self.peers = {("peer" if i == 0 else f"peer {i + 1}"): path for i, path in enumerate(options.peer)}

    def pistream(self, settings, program=None, tls=False):
        """As many streams as `settings` says, in one process or in as many."""
        start = lambda: self.process(settings, program or self.options.pistream, tls)
        return start() if settings["processes"] == 1 else Servers([start] * settings["processes"])

    def process(self, settings, program, tls):
        command = [program, "--port", "0", "--ws-port", "off", "--log-level", "error", "--threads", settings["threads"]]
        state = {"STATE_DIRECTORY": self.folder}  # where the certificate is
        if tls:
            command += ["--tls-certificate", "self"]
        if settings["tokens"]:
            command += ["--auth-tokens", self.tokens()]
        if settings.get("proxied"):  # whose connections all have one address
            command += ["--trusted-proxy", "127.0.0.1", "--open"]
        streams = settings["streams"]
        if streams == 1:
            source = ["--source", "simulated", "--size", settings["size"], "--bitrate", settings["bitrate"]]
            return Server(*command, *source, "--framerate", settings["framerate"], environment=state)
        names = [f"camera-{i + 1}" for i in range(streams)]
        path = f"{self.folder}/{streams}-streams.toml"
        with open(path, "w", encoding="utf-8") as file:
            for name in names:
                file.write(f'[streams.{name}]\nsource = "simulated"\nsize = "{settings["size"]}"\n')
                file.write(f'bitrate = "{settings["bitrate"]}"\n')
        server = Server(*command, "--config", path)
        server.paths = [f"/streams/{name}/stream" for name in names]
        return server

    def tokens(self):
        path = f"{self.folder}/tokens"
        if not os.path.exists(path):
            subprocess.run([self.options.pistream, "--make-tokens", path], stdout=subprocess.DEVNULL, check=True)
        return path

    def cookie(self, server, tls):
        """Of somebody who has logged in."""
        with open(self.tokens(), encoding="utf-8") as file:
            token = re.search(r'view\W+"([^"]+)"', file.read()).group(1)
        where = "127.0.0.1", int(server.ports[0])
        if tls:
            trusted = ssl.create_default_context(cafile=self.certificate())
            connection = http.client.HTTPSConnection(*where, context=trusted)
        else:
            connection = http.client.HTTPConnection(*where)
        with contextlib.closing(connection):
            connection.request("POST", "/session", token, {"Content-Type": "text/plain"})
            response = connection.getresponse()
            if response.status != 200:
                raise Failure(f"logging in: {response.status} {response.reason}")
            return response.getheader("Set-Cookie").partition(";")[0]

    def certificate(self):
        """A PEM file with its key, which pistream makes for itself."""
        path = f"{self.folder}/self-signed.pem"
        if not os.path.exists(path):
            with self.pistream(experiment("", "", None, [])["settings"], tls=True):
                pass
        return path

    def capture(self, settings):
        """A file with ten seconds of what a viewer receives, for the floor."""
        key = settings["size"], settings["bitrate"], str(settings["framerate"])
        if key not in self.captures:
            path = f"{self.folder}/{'-'.join(key)}"
            with self.pistream({**settings, "streams": 1, "processes": 1}) as server:
                self.load(server, 1, ["--capture", path], seconds=10)
            self.captures[key] = path
        return self.captures[key]

    def load_command(self, server, viewers, arguments, seconds=None, framerate=24):
        command = [LOAD, "--port", *server.ports, "--path", *server.paths, "--server-pid", *server.pids]
        command += ["--viewers", str(viewers), "--framerate", str(framerate)]
        return [*command, "--seconds", str(seconds or self.options.seconds), *arguments]

    def load(self, *arguments, **named):
        command = self.load_command(*arguments, **named)
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode > 1 or not done.stdout:
            raise Failure(f"the load generator failed: {done.stderr.strip()}")
        return json.loads(done.stdout)

    def floor(self, row, tls=False):
        settings = row["settings"]
        streams = settings["streams"]
        command = [FLOOR, "--capture", self.capture(settings), "--viewers", row["viewers"], "--groups", streams]
        certificate = ["--certificate", self.certificate()] if tls else []
        server = Server(*command, "--framerate", settings["framerate"], *certificate)
        server.paths *= streams  # it does not look at them
        return server

    def bare_encoder_and_floor(self, row):
        """The encoder's run; what the floor takes for as many pictures is added."""
        command = [BARE_ENCODER, "--seconds", str(self.options.seconds)]
        run = json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)
        with self.floor(row) as server:
            floor = self.load(server, row["viewers"], [])
        per_picture = sum(floor["cpu_ms_by_thread"].values()) / max(1, floor["pictures"])
        run["cpu_ms_by_thread"]["floor"] = per_picture * run["pictures"]
        return run

    def server_of(self, row, side):
        settings = row["settings"]
        tls = "--tls" in self.arguments_of(row, side)
        if side in FLOORS:
            return self.floor(row, tls)
        if side == "nginx and plain":
            return self.nginx(settings)
        if side in self.peers:
            return self.pistream(settings, self.peers[side], tls)
        if side == "16 processes":
            apart = {**settings, "streams": 1, "processes": settings["streams"]}
            return self.pistream(apart, next(iter(self.peers.values()), None))
        return self.pistream(settings, tls=tls)

    def nginx(self, settings):
        if not os.path.exists(NGINX_PROGRAM):
            raise Failure(f"there is no {NGINX_PROGRAM}: apt install nginx-light")
        certificate = self.certificate()
        return Nginx(self.pistream({**settings, "proxied": True}), certificate, self.folder)

    def arguments_of(self, row, side):
        """For the load generator; peers do what pistream does."""
        return row["load"].get(side, row["load"]["pistream"])

    def run_side(self, row, side):
        if side == "bare encoder and floor":
            return self.bare_encoder_and_floor(row)
        arguments = self.arguments_of(row, side)
        tls = "--tls" in arguments
        with self.server_of(row, side) as server, self.others(server, row["others"].get(side)):
            cookie = ["--cookie", self.cookie(server, tls)] if row["settings"]["tokens"] else []
            run = self.load(server, row["viewers"], [*arguments, *cookie], framerate=row["settings"]["framerate"])
        if tls and run["resumed"] < run["joins"]:
            raise Failure(f"of {run['joins']} joins only {run['resumed']} resumed a session")
        return run

    def sides_of(self, row):
        """The row's own, and the peers where they can do the same: the one of before had one stream."""
        return [*row["load"], *(self.peers if row["settings"]["streams"] == 1 else ())]

    @contextlib.contextmanager
    def others(self, server, arguments):
        if not arguments:
            yield
            return
        command = self.load_command(server, 1, arguments, seconds=3600)
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            try:
                yield
            finally:
                process.kill()

    def measure(self, row):
        """The row's results: each side's runs, and whether its healthy viewers got everything."""
        sides = {side: [] for side in self.sides_of(row)}
        missed = 0
        if not sides.keys().isdisjoint(FLOORS):
            self.capture(row["settings"])
        for i in range(self.options.pairs):
            for side in list(sides) if i % 2 == 0 else reversed(list(sides)):
                run = self.run_side(row, side)
                sides[side].append({name: round(value, 4) for name, value in figures.figures_of(run).items()})
                missed += run["missed"] + run["lost_viewers"] if side not in FLOORS else 0
        kept = {key: row[key] for key in ("name", "group", "x", "against", "pairs") if key in row}
        return {**kept, "missed": missed, "sides": sides}


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = re.search(r"model name\s*: (.*)", file.read())
    return f"{model.group(1) if model else platform.machine()}, {os.cpu_count()} CPUs, Linux {platform.release()}"


def commit():
    command = ["git", "-C", WORKSPACE, "describe", "--always", "--dirty"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip() or "unknown"
    except FileNotFoundError:
        return "unknown"


def settings_of(options):
    text = f"{options.pairs} runs of {options.seconds:g} s{', real-time' if options.realtime else ''}"
    return text + "; where nothing else is said 640x480, 800 kbit/s, 24 frames/s"


def results_of(options, plan, folder):
    bench = Bench(options, folder)
    results = {
        "date": datetime.datetime.now().isoformat(" ", "minutes"),
        "commit": commit(),
        "machine": machine(),
        "settings": settings_of(options),
        "experiments": [],
        "failures": [],
    }
    for row in plan:
        print(f"\n== {row['name']} ({row['group']})", flush=True)
        try:
            results["experiments"].append(bench.measure(row))
        except Failure as failure:
            print(f"not measured: {failure}")
            results["failures"].append(f"{row['name']}: not measured: {failure}")
            continue
        for _, *cells in page.figure_rows(results["experiments"][-1:]):
            print("{:16} {:26} {:22} {:26} ratio {}".format(*cells), flush=True)
    if not results["experiments"]:
        raise Failure(results["failures"][0])
    print_tls(results["experiments"])
    return results


def print_tls(experiments):
    head, *rows = page.cpu_table(experiments)
    if rows:
        print("\n== What TLS costs: CPU a message, us")
        for cells in (head, *rows):
            print(f"{cells[0]:26}" + "".join(f" {cell:>18}" for cell in cells[1:]))
    for row in figures.goals(experiments):
        print("goal: {:31} {:12} {:27} {:>6}, at most {:>5}: {}".format(*page.goal_cells(row)))


def write(options, results, comparison):
    os.makedirs(options.output, exist_ok=True)
    with open(f"{options.output}/results.json", "w", encoding="utf-8") as file:
        json.dump(results, file, indent=1)
    with open(f"{options.output}/results.html", "w", encoding="utf-8") as file:
        file.write(page.page(results, comparison))
    print(f"\n{options.output}/results.html, results.json")
    if options.save_baseline:
        with open(BASELINE, "w", encoding="utf-8") as file:
            json.dump(results, file)
            file.write("\n")


def compare_with_baseline(results):
    try:
        with open(BASELINE, encoding="utf-8") as file:
            return figures.compare(json.load(file), results)
    except FileNotFoundError:
        return []


def main(arguments):
    options = options_of(arguments)
    plan = tls_plan() if options.tls else quick_plan() + quick_tls_plan() + (full_plan() if options.full else [])
    plan = [row for row in plan if options.only in row["name"]]
    try:
        if not plan:
            raise Failure(f"no experiment's name contains '{options.only}'")
        raise_file_limit(plan)
        if options.realtime:
            take_precedence()
        with tempfile.TemporaryDirectory() as folder:
            results = results_of(options, plan, folder)
    except (Failure, OSError) as failure:
        print(f"bench: {failure}", file=sys.stderr)
        return 2
    comparison = compare_with_baseline(results)
    write(options, results, comparison)
    faults = results["failures"][:]
    faults += [f"{row['name']}: healthy viewers missed {row['missed']}" for row in results["experiments"] if row["missed"]]
    faults += [f"worse than the baseline: {' '.join(row[:2])} {row[-2]:+.0%}" for row in comparison if row[-1] == "worse"]
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
