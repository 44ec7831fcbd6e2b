#!/usr/bin/python3
"""./dev rig against a virtual Pi: deployed to, then watched as any Pi is that runs somewhere."""
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.getcwd(), "e2e/targets/virtual_pi"))
from testing import virtual_pi  # pylint: disable=wrong-import-position


def rig(*arguments):
    # Without a monitor: this one sees none.
    environment = {name: value for name, value in os.environ.items() if not name.endswith("DISPLAY")}
    result = subprocess.run(
        ["e2e/rig", *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    print(result.stdout)
    return result.returncode, result.stdout


def configuration(pi):
    """The simulated camera, on ports that can be reached from here."""
    port, ws_port = pi.account["forwarded"]
    path = os.path.join(pi.folder, "pistream.toml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(f'address = "0.0.0.0"\nport = {port}\nws-port = {ws_port}\n')
        file.write('auth.mode = "none"\nsource = "simulated"\n')
    return path


class RigTest(unittest.TestCase):
    def test_deploys_tests_and_reports(self):
        with virtual_pi("--resume") as pi:
            code, said = rig("virtual-pi", "-F", pi.config, "--config", configuration(pi))
            self.assertEqual(code, 0)
            self.assertIn("pistream runs on virtual-pi", said)
            self.assertIn(" passed", said)
            with open(os.environ["TEST_UNDECLARED_OUTPUTS_DIR"] + "/report.html", encoding="utf-8") as file:
                report = file.read()
            self.assertIn("the rig: virtual-pi", report)
            self.assertIn("remote has no stamp", report)
            self.assertIn("remote has no optics", report)
            self.assertIn("remote has no milliseconds", report)
            self.assertIn("libavcodec", report)
            # It goes on: the Pi's owner may be watching.
            self.assertEqual(pi.ssh("pidof pistream | wc -w"), "1")

    def test_deployment_that_fails_is_the_end(self):
        with virtual_pi("--resume") as pi:
            code, said = rig("virtual-pi", "-F", pi.config, "--port", "1")
            self.assertEqual(code, 1)
            self.assertIn("cannot log in to virtual-pi by ssh", said)
            self.assertIn("nothing was tested", said)
            self.assertNotIn("rig: testing", said)

    def test_unknown_spec_is_named_before_anything_is_done(self):
        code, said = rig("pi@host", "--only", "everything")
        self.assertEqual(code, 1)
        self.assertEqual(said.count("\n"), 1)
        self.assertIn("there is no spec 'everything'; there are: classic ", said)


if __name__ == "__main__":
    unittest.main()
