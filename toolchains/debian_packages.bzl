"""Repositories made of Debian packages, unpacked by unpack_debian.sh, for any architecture.

A sysroot or a library's headers are exposed as one source directory, not as a glob: a sandbox then
holds one symlink instead of 20,000. Bazel does not look for changes inside such a directory;
manifest.txt, the checksums of all packages, is the input that stands for its contents.
"""

def _unpack(rctx, mode, arch, packages):
    rctx.report_progress("unpacking Debian %s packages (%s)" % (rctx.attr.suite, arch))
    result = rctx.execute(
        [rctx.path(rctx.attr._script), mode, arch, rctx.attr.suite] + packages,
        timeout = 1800,
    )
    if result.return_code != 0:
        fail("@%s cannot be made:\n%s%s" % (rctx.name, result.stdout, result.stderr))

def _rule(implementation, attrs):
    return repository_rule(
        implementation = implementation,
        attrs = dict(
            attrs,
            suite = attr.string(mandatory = True, doc = "Debian's release, by code name"),
            _script = attr.label(default = "//toolchains:unpack_debian.sh", allow_single_file = True),
        ),
        environ = ["PISTREAM_DEBIAN_MIRROR"],
    )

_SYSROOT_BUILD = """
load("@rules_cc//cc:defs.bzl", "cc_library")

package(default_visibility = ["//visibility:public"])

filegroup(
    name = "files",
    srcs = ["manifest.txt", "root"],
)

cc_library(
    name = "libcamera",
    includes = ["root/usr/include/libcamera"],
    linkopts = ["-lcamera", "-lcamera-base"],
)
"""

def _debian_sysroot_impl(rctx):
    _unpack(rctx, "sysroot", rctx.attr.arch, rctx.attr.packages)
    rctx.file("BUILD.bazel", _SYSROOT_BUILD, executable = False)

debian_sysroot = _rule(_debian_sysroot_impl, {
    "arch": attr.string(mandatory = True, doc = "Debian's name of the architecture"),
    "packages": attr.string_list(mandatory = True, doc = "with all they depend on; NAME or NAME/SUITE"),
})

_HEADERS_BUILD = """
load("@rules_cc//cc:defs.bzl", "cc_library")

package(default_visibility = ["//visibility:public"])

[cc_library(
    name = package,
    includes = ["include/" + package],
    textual_hdrs = ["manifest.txt", "include/" + package],
) for package in %s]
"""

def _debian_headers_impl(rctx):
    # Headers are the same for every architecture; any will do.
    _unpack(rctx, "headers", "arm64", rctx.attr.packages)
    rctx.file("BUILD.bazel", _HEADERS_BUILD % rctx.attr.packages, executable = False)

debian_headers = _rule(_debian_headers_impl, {
    "packages": attr.string_list(mandatory = True, doc = "each becomes a cc_library of that name"),
})

def _debian_source_impl(rctx):
    _unpack(rctx, "source", "arm64", [rctx.attr.package])
    rctx.symlink(rctx.attr.build_file, "BUILD.bazel")

debian_source = _rule(_debian_source_impl, {
    "build_file": attr.label(mandatory = True),
    "package": attr.string(mandatory = True, doc = "a source package; its files are in a folder of this name"),
})
