"""Tests compiled for the Pi, and run on the host by qemu's user emulation."""

load(":platform_transition.bzl", "PLATFORM_ATTRS", "to_platform")

_RUN = """#!/bin/bash
{environment}
exec {run} {test} "$@"
"""

def _aarch64_test_impl(ctx):
    test = ctx.attr.test[0][DefaultInfo]
    run = ctx.attr._run[DefaultInfo]
    environment = [
        "export %s='%s'" % (name, ctx.expand_location(value, ctx.attr.data))
        for name, value in ctx.attr.env.items()
    ]
    ctx.actions.write(
        ctx.outputs.executable,
        _RUN.format(
            environment = "\n".join(environment),
            run = run.files_to_run.executable.short_path,
            test = test.files_to_run.executable.short_path,
        ),
        is_executable = True,
    )
    return [DefaultInfo(
        runfiles = ctx.runfiles(files = [test.files_to_run.executable])
            .merge(test.default_runfiles).merge(run.default_runfiles),
    )]

# The configuration of aarch64_executable: what tests of a virtual Pi deploy is compiled once for both.
aarch64_test = rule(
    implementation = _aarch64_test_impl,
    attrs = dict(
        PLATFORM_ATTRS,
        test = attr.label(cfg = to_platform, executable = True, mandatory = True),
        data = attr.label_list(cfg = to_platform, allow_files = True),
        env = attr.string_dict(),
        _run = attr.label(default = "//toolchains/aarch64:run"),
    ),
    test = True,
)
