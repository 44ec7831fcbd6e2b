"""An executable for the Pi, whatever the configuration of its dependents."""

load(":platform_transition.bzl", "PLATFORM_ATTRS", "to_platform")

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
    attrs = dict(
        PLATFORM_ATTRS,
        binary = attr.label(cfg = to_platform, executable = True, mandatory = True),
    ),
    executable = True,
)
