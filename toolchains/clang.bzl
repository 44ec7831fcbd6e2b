"""This machine's clang 19."""

load(":host_packages.bzl", "install_hint", "missing_packages")

_BIN = "/usr/lib/llvm-19/bin"
_HEADERS = "/usr/lib/llvm-19/include"

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

# Where it is, and which build of it.
local_clang = repository_rule(
    implementation = _local_clang_impl,
    attrs = {"_packages": attr.label(default = "//toolchains:host_packages.txt")},
    local = True,
)

_HEADERS_BUILD = """
load("@rules_cc//cc:defs.bzl", "cc_library")

cc_library(
    name = "headers",
    hdrs = glob([
        "include/clang/**",
        "include/clang-c/**",
        "include/llvm/**",
        "include/llvm-c/**",
    ]),
    includes = ["include"],
    visibility = ["//visibility:public"],
)
"""

def _local_clang_headers_impl(rctx):
    missing = missing_packages(rctx, rctx.attr._packages, ["libclang-19-dev", "llvm-19-dev"])
    if missing:
        fail(install_hint(missing))
    rctx.symlink(_HEADERS, "include")
    rctx.file("BUILD.bazel", _HEADERS_BUILD, executable = False)

# What its plugins are compiled with.
local_clang_headers = repository_rule(
    implementation = _local_clang_headers_impl,
    attrs = {"_packages": attr.label(default = "//toolchains:host_packages.txt")},
    local = True,
)
