"""A transition to another platform, whatever the configuration of the dependents."""

# Sets the same options as --config=rpi in .bazelrc. Bazel 4.2.3 still uses a separate output folder.
_OPTIONS = ["compilation_mode", "features", "platforms", "platform_suffix", "run_under"]

def _to_platform_impl(_settings, attr):
    return {
        "//command_line_option:compilation_mode": "opt",
        "//command_line_option:features": [],
        "//command_line_option:platforms": attr.platform,
        "//command_line_option:platform_suffix": "-" + Label(attr.platform).name,
        "//command_line_option:run_under": None,
    }

# For an attribute's `cfg`, in a rule that has PLATFORM_ATTRS.
to_platform = transition(
    implementation = _to_platform_impl,
    inputs = [],
    outputs = ["//command_line_option:" + option for option in _OPTIONS],
)

PLATFORM_ATTRS = {
    "platform": attr.string(default = "//toolchains:rpi", doc = "the platform's label"),
    "_allowlist_function_transition": attr.label(
        default = "@bazel_tools//tools/allowlists/function_transition_allowlist",
    ),
}
