"""An optimised executable, whatever the configuration of its dependents."""

def _to_optimised_impl(_settings, _attr):
    return {
        "//command_line_option:compilation_mode": "opt",
        "//command_line_option:features": [],
        "//command_line_option:run_under": None,
    }

_to_optimised = transition(
    implementation = _to_optimised_impl,
    inputs = [],
    outputs = ["//command_line_option:" + option for option in ["compilation_mode", "features", "run_under"]],
)

def _optimised_executable_impl(ctx):
    built = ctx.attr.binary[0][DefaultInfo].files_to_run.executable
    ctx.actions.symlink(output = ctx.outputs.executable, target_file = built, is_executable = True)
    return [DefaultInfo(
        executable = ctx.outputs.executable,
        runfiles = ctx.attr.binary[0][DefaultInfo].default_runfiles,
    )]

optimised_executable = rule(
    implementation = _optimised_executable_impl,
    attrs = {
        "binary": attr.label(cfg = _to_optimised, executable = True, mandatory = True),
        "_allowlist_function_transition": attr.label(
            default = "@bazel_tools//tools/allowlists/function_transition_allowlist",
        ),
    },
    executable = True,
)
