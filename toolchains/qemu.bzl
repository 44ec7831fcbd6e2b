"""@local_qemu: which QEMU this machine has. Its version is an input of the states it saves."""

load(":host_packages.bzl", "install_hint", "missing_packages")

def _local_qemu_impl(rctx):
    missing = missing_packages(rctx, rctx.attr._packages, ["qemu-system-arm", "openssh-client"])
    if missing:
        fail(install_hint(missing))
    rctx.file("BUILD.bazel", "exports_files([\"version.txt\"])\n", executable = False)
    version = rctx.execute(["/usr/bin/qemu-system-aarch64", "--version"]).stdout
    rctx.file("version.txt", version, executable = False)

local_qemu = repository_rule(
    implementation = _local_qemu_impl,
    attrs = {"_packages": attr.label(default = "//toolchains:host_packages.txt")},
    local = True,
)
