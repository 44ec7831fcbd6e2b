"""@local_clang: where this machine's clang 19 is, and which build of it."""

load(":host_packages.bzl", "install_hint", "missing_packages")

_BIN = "/usr/lib/llvm-19/bin"

def _local_clang_impl(rctx):
    missing = missing_packages(rctx, rctx.attr._packages, ["clang-19", "lld-19", "llvm-19", "g++"])
    if missing:
        fail(install_hint(missing))
    rctx.file("BUILD.bazel", "exports_files([\"version.txt\"])\n", executable = False)

    # An input of every compilation: another build of the compiler rebuilds everything.
    version = rctx.execute([_BIN + "/clang", "--version"]).stdout
    rctx.file("version.txt", version, executable = False)
    resources = rctx.execute([_BIN + "/clang", "-print-resource-dir"]).stdout.strip()
    rctx.file("defs.bzl", "BIN = \"%s\"\nRESOURCE_DIR = \"%s\"\n" % (_BIN, resources), executable = False)

local_clang = repository_rule(
    implementation = _local_clang_impl,
    attrs = {"_packages": attr.label(default = "//toolchains:host_packages.txt")},
    local = True,
)
