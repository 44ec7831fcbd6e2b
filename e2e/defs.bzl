"""End-to-end tests: one a spec, target and browser, each against the real program."""

# What every spec needs: Playwright, the decoder for use in Node, scenario files.
_DATA = [
    "//e2e:library",
    "//sim:paint",
    "//sim:scenarios",
    "//web:decoders",
    "@npm_e2e//:modules",
    "@npm_e2e//:node_modules",
]

_ENV = {
    "DECODER": "web/decoder/decoder.wasm",
    "PAINT": "sim/paint",
}

_AARCH64 = "//deploy:pistream_aarch64"

# By target (targets/): what it is made of, by the variable that names it to the target.
_TARGETS = {
    "emulated": {
        "EMULATOR": "//toolchains/aarch64:run",
        "PISTREAM": _AARCH64,
    },
    "local": {"PISTREAM": "//:pistream"},
    "virtual-pi": {
        "PISTREAM": _AARCH64,
        "VIRTUAL_PI": "//e2e/targets/virtual_pi",
    },
    "virtual-pi-libcamera": {
        "FRAMES": "//sim:frames",
        "PISTREAM": _AARCH64,
        "VIRTUAL_PI": "//e2e/targets/virtual_pi",
    },
    "virtual-pi-vimc": {
        "PISTREAM": _AARCH64,
        "VIMC": "//e2e/targets/virtual_pi:vimc",
        "VIRTUAL_PI": "//e2e/targets/virtual_pi",
    },
}

def _paths_of(programs):
    return {name: "$(rootpath %s)" % label for name, label in programs.items()}

def _env_of(target):
    return dict(_ENV, PISTREAM_TARGET = target, **_paths_of(_TARGETS[target]))

def e2e_test(
        name,
        spec,
        target = "local",
        browser = "chromium",
        data = [],
        programs = {},
        shares = False,
        tags = [],
        variables = {},
        **kwargs):
    """Runs one spec in a browser on this machine, against a target.

    What is not local, or not in Chromium, is heavy.

    Args:
      name: the test's.
      spec: a file of specs/.
      target: what the program runs on, one of targets/.
      browser: one of playwright.config.mjs's.
      data: added to what all specs have.
      programs: labels of executables it starts, by the variable that names each to the spec.
      shares: whether another test may run beside it: one that waits for events, and measures nothing.
      tags: added to those all of them have.
      variables: of the environment, for the spec.
      **kwargs: as sh_test's.
    """
    is_heavy = target != "local" or browser != "chromium"
    native.sh_test(
        name = name,
        size = "large" if is_heavy or "heavy" in tags else "medium",
        # Each test of a spec has its own limit; this one is for machines that do other things too.
        timeout = "eternal" if is_heavy or "heavy" in tags else "long",
        srcs = ["run.sh"],
        args = ["test", "specs/" + spec],
        data = _DATA + ["specs/" + spec] + _TARGETS[target].values() + programs.values() + data,
        env = dict(_env_of(target), BROWSER = browser, **dict(_paths_of(programs), **variables)),
        # A browser, the program and the decoder: a machine of two cores is full with them.
        tags = ["e2e"] + ([] if shares else ["cpu:2"]) + (["heavy"] if is_heavy else []) + tags,
        **kwargs
    )

def e2e_program(name, script, data = [], programs = {}, tags = []):
    """A script of this folder to be started by bazel run, with all that specs have.

    Args:
      name: the target's.
      script: a .mjs file.
      data: added to what specs have.
      programs: labels of executables it starts, by the variable that names each to the script.
      tags: as sh_binary's.
    """
    native.sh_binary(
        name = name,
        srcs = ["run.sh"],
        args = [script],
        data = _DATA + _TARGETS["local"].values() + programs.values() + data,
        env = dict(_env_of("local"), **_paths_of(programs)),
        tags = tags,
    )

def e2e_rig(name, deploy, specs):
    """Deploys to a machine that is not here, and runs specs against it.

    Args:
      name: the target's.
      deploy: the executable that deploys.
      specs: files of specs/.
    """
    native.sh_binary(
        name = name,
        srcs = ["rig.sh"],
        data = _DATA + specs + ["run.sh", deploy],
        tags = ["manual"],
    )
