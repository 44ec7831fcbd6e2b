"""A cc_binary as a WebAssembly module for browsers, whatever the configuration of its dependents."""

def _to_browser_impl(_settings, attr):
    # Without sanitizers, which need an operating system, whatever the command line.
    return {
        "//command_line_option:compilation_mode": "opt",
        "//command_line_option:features": [],
        "//command_line_option:platforms": "//toolchains:browser_simd" if attr.simd else "//toolchains:browser",
        "//command_line_option:platform_suffix": "-browser-simd" if attr.simd else "-browser",
        "//command_line_option:run_under": None,
    }

_to_browser = transition(
    implementation = _to_browser_impl,
    inputs = [],
    outputs = [
        "//command_line_option:" + option
        for option in ["compilation_mode", "features", "platforms", "platform_suffix", "run_under"]
    ],
)

def _wasm_module_impl(ctx):
    built = ctx.attr.binary[0][DefaultInfo].files_to_run.executable
    ctx.actions.symlink(output = ctx.outputs.out, target_file = built)
    return [DefaultInfo(files = depset([ctx.outputs.out]))]

wasm_module = rule(
    implementation = _wasm_module_impl,
    attrs = {
        "binary": attr.label(cfg = _to_browser, executable = True, mandatory = True),
        "out": attr.output(mandatory = True, doc = "the module's file"),
        "simd": attr.bool(doc = "whether it may use 128-bit vector instructions"),
        "_allowlist_function_transition": attr.label(
            default = "@bazel_tools//tools/allowlists/function_transition_allowlist",
        ),
    },
)
