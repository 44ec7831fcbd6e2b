"""For tests written in Python: a virtual Pi while a block lasts."""
import contextlib
import json
import os
import subprocess
import tempfile

VIRTUAL_PI = "e2e/targets/virtual_pi/virtual_pi"
_SYSTEMD = "e2e/targets/virtual_pi/systemd"
# Options for a saved one that is made of what a Pi's own system is made of.
WITH_SYSTEMD = ("--initramfs", _SYSTEMD + "/initramfs.cpio", "--state", _SYSTEMD + "/saved")


class Pi:
    def __init__(self, process, folder, account):
        self.process, self.folder, self.account = process, folder, account
        self.config = folder + "/ssh_config"

    def ssh(self, command):
        """What the command writes; it must succeed."""
        result = subprocess.run(
            ["ssh", "-F", self.config, "virtual-pi", command], capture_output=True, text=True, check=True
        )
        return result.stdout.strip()

    def wait_for_console(self, start):
        """Until a line of the console has begun so."""
        command = ["tail", "--lines", "+1", "--follow", self.folder + "/console.log"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, errors="replace") as tail:
            next(line for line in tail.stdout if line.startswith(start))
            tail.kill()


@contextlib.contextmanager
def virtual_pi(*options):
    """A running one; its console is kept among the test's outputs."""
    folder = tempfile.mkdtemp(prefix="pi-", dir=os.environ["TEST_UNDECLARED_OUTPUTS_DIR"])
    command = [VIRTUAL_PI, *options, "run", folder]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline()
        if not line:
            raise AssertionError("it did not start, see above")
        account = json.loads(line)
        print(account)
        yield Pi(process, folder, account)
        process.stdin.close()
