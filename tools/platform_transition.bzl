"""What builds for another platform, whatever the configuration of what depends on it."""

# As --config=rpi and its like in .bazelrc. Bazel 4.2.3 still builds into a folder of its own.
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
