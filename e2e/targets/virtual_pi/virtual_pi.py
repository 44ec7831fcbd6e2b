#!/usr/bin/python3
"""The virtual Pi: an emulated ARM machine with Debian's kernel, reached by ssh.

  virtual_pi.py run FOLDER    keeps one running until standard input ends; then it is gone
  virtual_pi.py save FOLDER   boots one and saves its state into FOLDER, for run's --state
  virtual_pi.py shell         a shell in one

`run` writes to standard output, when ssh works, one line of JSON: how it was started, after how many
seconds, and "forwarded", the ports that are the same here and there. In FOLDER are then ssh_config, for
`ssh -F FOLDER/ssh_config virtual-pi`, and console.log.

Several run side by side: all ports are free ones. The guest reaches nothing but this machine's
forwarded connections. Each boot makes new keys; machines resumed from one state share that state's.
"""
import argparse
import ctypes
import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

UP = "virtual-pi: up after"
HOST_KEY = "virtual-pi: host key "
START_LIMIT_S = 300
FORWARDED_PORTS = 2
# What a state consists of, beside the memory's contents.
STATE, KEY, KNOWN_HOSTS = "state", "key", "known_hosts"

SSH_CONFIG = """\
Host virtual-pi
  HostName 127.0.0.1
  Port {port}
  User root
  HostKeyAlias virtual-pi
  UserKnownHostsFile {folder}/known_hosts
  IdentityFile {folder}/key
  IdentitiesOnly yes
  StrictHostKeyChecking yes
  LogLevel ERROR
"""


class Failure(Exception):
    """What went wrong and what to do, for a person."""


class Console:
    """Reads what the machine says, keeps it in a file, and tells when a line has come."""

    def __init__(self, stream, path):
        self._stream = stream
        self._path = path
        self._lines = []
        self._changed = threading.Condition()
        self._ended = False
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        with open(self._path, "wb", buffering=0) as log:
            for line in self._stream:
                log.write(line)
                with self._changed:
                    self._lines.append(line.decode(errors="replace").rstrip())
                    self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def wait_for(self, start):
        """The rest of the first line that begins with `start`."""

        def found():
            return next((line for line in self._lines if line.startswith(start)), None)

        with self._changed:
            self._changed.wait_for(lambda: found() or self._ended, START_LIMIT_S)
            if not found():
                how = "it ended" if self._ended else f"{START_LIMIT_S} s passed"
                last = "\n".join(self._lines[-20:])
                raise Failure(f"no line '{start}' came on the virtual Pi's console, {how}:\n{last}")
            return found()[len(start) :]


class Monitor:
    """QEMU's machine protocol (docs/interop/qmp-spec.txt in its sources), over a connected socket."""

    def __init__(self, connection):
        connection.settimeout(START_LIMIT_S)
        self._stream = connection.makefile("rw")
        self._receive()  # The greeting.
        self.execute("qmp_capabilities")

    def _receive(self):
        line = self._stream.readline()
        if not line:
            raise Failure("QEMU ended")
        return json.loads(line)

    def execute(self, command, **arguments):
        self._stream.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self._stream.flush()
        while True:
            message = self._receive()
            if "error" in message:
                raise Failure(f"QEMU's {command}: {message['error']['desc']}")
            if "return" in message:
                return message["return"]

    def migrate(self, command, **arguments):
        """Saves or loads a state; returns when that is done."""
        self.execute(command, **arguments)
        while True:
            message = self._receive()
            status = message.get("data", {}).get("status") if message.get("event") == "MIGRATION" else None
            if status == "completed":
                return
            if status == "failed":
                raise Failure(f"QEMU's {command} failed: {arguments}")

    def forward(self, host_port, guest_port):
        """Connections to this machine's port go to the guest's; False if the port is taken."""
        rule = f"tcp:127.0.0.1:{host_port}-:{guest_port}"
        said = self.execute("human-monitor-command", **{"command-line": f"hostfwd_add {rule}"})
        return not said.strip()


class Machine:
    """One virtual Pi. Its files are in `folder`."""

    def __init__(self, folder, kernel, initramfs):
        self.folder = os.path.abspath(folder)
        os.makedirs(self.folder, exist_ok=True)
        self._boot = ["-kernel", kernel, "-initrd", initramfs]
        self._process = None
        self._monitor = None

    def boot(self):
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", self._path(KEY)], check=True
        )
        with open(self._path(KEY + ".pub"), encoding="utf-8") as file:
            key = file.read().split()[1]
        words = f"console=ttyAMA0 quiet panic=-1 mitigations=off init_on_free=1 pistream.key={key}"
        console = self._start(self._boot + ["-append", words])
        host_key = " ".join(console.wait_for(HOST_KEY).split()[:2])
        with open(self._path(KNOWN_HOSTS), "w", encoding="utf-8") as file:
            file.write(f"virtual-pi {host_key}\n")
        console.wait_for(UP)

    def resume(self, state):
        for name in (KEY, KNOWN_HOSTS):
            shutil.copyfile(os.path.join(state, name), self._path(name))
            os.chmod(self._path(name), 0o600)
        self._start(["-incoming", "defer"])
        file = shlex.quote(os.path.abspath(os.path.join(state, STATE)))
        self._monitor.migrate("migrate-incoming", uri=f"exec:cat {file}")
        self._monitor.execute("cont")

    def save(self):
        """Ends the machine: its state is in the folder."""
        # A machine at rest is the same when it goes on, whenever that is.
        self._monitor.execute("stop")
        self._monitor.execute("migrate-set-parameters", **{"max-bandwidth": 1 << 40})
        file = shlex.quote(self._path(STATE))
        self._monitor.migrate("migrate", uri=f"exec:cat >{file}")
        self.stop()

    def forward(self):
        """Makes ssh_config; returns ports that lead to the guest's of the same number."""
        ssh = self._forward_one(guest_port=22)
        ports = [self._forward_one() for _ in range(FORWARDED_PORTS)]
        with open(self._path("ssh_config"), "w", encoding="utf-8") as file:
            file.write(SSH_CONFIG.format(port=ssh, folder=self.folder))
        return ports

    def stop(self):
        if self._process:
            self._process.kill()
            self._process.wait()

    def _path(self, name):
        return os.path.join(self.folder, name)

    def _forward_one(self, guest_port=None):
        # Between asking for a free port and QEMU's binding it another program may take it.
        while True:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = probe.getsockname()[1]
            if self._monitor.forward(port, guest_port or port):
                return port

    def _start(self, arguments):
        ours, theirs = socket.socketpair()
        command = ["qemu-system-aarch64", "-M", "virt", "-cpu", "cortex-a72", "-smp", "2", "-m", "1024"]
        command += ["-accel", "tcg,thread=multi", "-nodefaults", "-display", "none", "-no-reboot"]
        command += ["-serial", "stdio", "-chardev", f"socket,id=qmp,fd={theirs.fileno()}"]
        command += ["-mon", "chardev=qmp,mode=control", "-netdev", "user,id=net,restrict=on"]
        command += ["-device", "virtio-net-pci,netdev=net,romfile=", "-device", "virtio-rng-pci"]
        self._process = subprocess.Popen(
            command + arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=[theirs.fileno()],
            preexec_fn=_die_with_parent,
        )
        theirs.close()
        console = Console(self._process.stdout, self._path("console.log"))
        self._monitor = Monitor(ours)
        capability = {"capability": "events", "state": True}
        self._monitor.execute("migrate-set-capabilities", capabilities=[capability])
        return console


def _die_with_parent():
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


def start(options, folder):
    """A machine that can be reached, and what there is to say about it."""
    began = time.monotonic()
    machine = Machine(folder, options.kernel, options.initramfs)
    try:
        if options.state:
            machine.resume(options.state)
        else:
            machine.boot()
        ports = machine.forward()
        ssh = ["ssh", "-F", machine.folder + "/ssh_config", "virtual-pi", "true"]
        if subprocess.run(ssh, check=False, stdin=subprocess.DEVNULL).returncode != 0:
            raise Failure("the virtual Pi runs, but ssh to it fails, see above")
    except BaseException:
        machine.stop()
        raise
    return machine, {
        "started": "resumed" if options.state else "booted",
        "seconds": round(time.monotonic() - began, 2),
        "forwarded": ports,
    }


def run(options):
    machine, account = start(options, options.folder)
    try:
        print(json.dumps(account), flush=True)
        sys.stdin.read()
    finally:
        machine.stop()


def save(options):
    machine = Machine(options.folder, options.kernel, options.initramfs)
    try:
        machine.boot()
        machine.save()
    finally:
        machine.stop()


def shell(options):
    with tempfile.TemporaryDirectory(prefix="virtual-pi-") as folder:
        machine, account = start(options, folder)
        try:
            page, classic = account["forwarded"]
            with open(folder + "/pistream.toml", "w", encoding="utf-8") as file:
                file.write(f'address = "0.0.0.0"\nport = {page}\nws-port = {classic}\nauth.mode = "none"\n')
            print(f"The virtual Pi was {account['started']} in {account['seconds']} s; `exit` ends it.")
            print("From another terminal, while it lasts:")
            print(f"  ssh -F {folder}/ssh_config virtual-pi")
            print(f"  bazel run //:deploy -- virtual-pi -F {folder}/ssh_config --config {folder}/pistream.toml")
            print(f"which then serves http://127.0.0.1:{page}/", flush=True)
            subprocess.run(["ssh", "-t", "-F", folder + "/ssh_config", "virtual-pi"], check=False)
        finally:
            machine.stop()


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    # Built by Bazel, they are beside this script.
    beside = os.path.dirname(os.path.abspath(__file__))
    parser.add_argument("--kernel", default=beside + "/vmlinuz")
    parser.add_argument("--initramfs", default=beside + "/initramfs.cpio")
    parser.add_argument("--state", help="a folder that `save` has made: resumes instead of booting")
    parser.add_argument("--resume", dest="state", action="store_const", const=beside + "/saved", help="as --state")
    commands = parser.add_subparsers(required=True)
    for command in (run, save):
        each = commands.add_parser(command.__name__)
        each.add_argument("folder")
        each.set_defaults(command=command)
    commands.add_parser("shell").set_defaults(command=shell)
    options = parser.parse_args()
    # Ended by a signal, it ends its machine too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        options.command(options)
    except Failure as failure:
        sys.exit(f"virtual_pi.py: {failure}")


if __name__ == "__main__":
    main()
