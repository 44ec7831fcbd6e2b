"""End-to-end tests: one a spec, each against the real program."""

# What every spec needs: the program, Playwright, the decoder for use in Node, scenario files.
_DATA = [
    "//:pistream",
    "//e2e:library",
    "//sim:scenarios",
    "//web:decoders",
    "@npm_e2e//:modules",
    "@npm_e2e//:node_modules",
]

_ENV = {
    "PISTREAM": "$(rootpath //:pistream)",
    "DECODER": "web/decoder/decoder.wasm",
}

def e2e_test(name, spec, tags = [], **kwargs):
    """Runs one spec in Chromium, on this machine.

    Args:
      name: the test's.
      spec: a file of specs/.
      tags: added to those all of them have.
      **kwargs: as sh_test's.
    """
    native.sh_test(
        name = name,
        size = "medium",
        srcs = ["run.sh"],
        args = ["test", "specs/" + spec],
        data = _DATA + ["specs/" + spec],
        env = _ENV,
        # A browser, the program and the decoder: a machine of two cores is full with them.
        tags = ["cpu:2", "e2e"] + tags,
        **kwargs
    )

def e2e_program(name, script):
    """A script of this folder to be started by bazel run, with all that specs have.

    Args:
      name: the target's.
      script: a .mjs file.
    """
    native.sh_binary(
        name = name,
        srcs = ["run.sh"],
        args = [script],
        data = _DATA,
        env = _ENV,
    )
