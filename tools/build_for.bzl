"""What a target builds to for another platform, so that a test can ask for it."""

def _to_platform_impl(_settings, attr):
    return {
        "//command_line_option:compilation_mode": "opt",
        "//command_line_option:features": [],
        "//command_line_option:platforms": attr.platform,
        "//command_line_option:platform_suffix": "-" + Label(attr.platform).name,
        "//command_line_option:run_under": None,
    }

_to_platform = transition(
    implementation = _to_platform_impl,
    inputs = [],
    outputs = [
        "//command_line_option:" + option
        for option in ["compilation_mode", "features", "platforms", "platform_suffix", "run_under"]
    ],
)

def _build_for_impl(ctx):
    return [DefaultInfo(files = depset(transitive = [t[DefaultInfo].files for t in ctx.attr.targets]))]

build_for = rule(
    implementation = _build_for_impl,
    attrs = {
        "platform": attr.string(mandatory = True, doc = "the platform's label"),
        "targets": attr.label_list(cfg = _to_platform, mandatory = True),
        "_allowlist_function_transition": attr.label(
            default = "@bazel_tools//tools/allowlists/function_transition_allowlist",
        ),
    },
)
