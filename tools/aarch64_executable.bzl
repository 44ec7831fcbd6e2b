"""An executable built for the Pi, whatever the configuration of what depends on it."""

def _to_rpi_impl(_settings, _attr):
    # As --config=rpi in .bazelrc, so that both share the built files.
    return {
        "//command_line_option:compilation_mode": "opt",
        "//command_line_option:features": [],
        "//command_line_option:platforms": "//toolchains:rpi",
        "//command_line_option:platform_suffix": "-rpi",
        "//command_line_option:run_under": None,
    }

_to_rpi = transition(
    implementation = _to_rpi_impl,
    inputs = [],
    outputs = [
        "//command_line_option:" + option
        for option in ["compilation_mode", "features", "platforms", "platform_suffix", "run_under"]
    ],
)

def _aarch64_executable_impl(ctx):
    built = ctx.attr.binary[0][DefaultInfo].files_to_run.executable
    ctx.actions.symlink(output = ctx.outputs.executable, target_file = built, is_executable = True)
    return [DefaultInfo(
        executable = ctx.outputs.executable,
        runfiles = ctx.attr.binary[0][DefaultInfo].default_runfiles,
    )]

# A test runs it by //toolchains/aarch64:run, also as data. Tag both `heavy`: they need the sysroot.
aarch64_executable = rule(
    implementation = _aarch64_executable_impl,
    attrs = {
        "binary": attr.label(cfg = _to_rpi, executable = True, mandatory = True),
        "_allowlist_function_transition": attr.label(
            default = "@bazel_tools//tools/allowlists/function_transition_allowlist",
        ),
    },
    executable = True,
)
