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

def _rule(implementation, attrs, environ = []):
    return repository_rule(
        implementation = implementation,
        attrs = dict(
            attrs,
            suite = attr.string(mandatory = True, doc = "Debian's release, by code name"),
            _script = attr.label(default = "//toolchains:unpack_debian.sh", allow_single_file = True),
        ),
        environ = environ + ["PISTREAM_DEBIAN_MIRROR"],
    )

# The toolchain is in here, not in //toolchains: whatever loads it has fetched the sysroot.
_SYSROOT_BUILD = """
load("@rules_cc//cc:defs.bzl", "cc_library", "cc_toolchain")
load("@pistream//toolchains:cc_toolchain_config.bzl", "clang_toolchain_config")

package(default_visibility = ["//visibility:public"])

filegroup(
    name = "files",
    srcs = ["manifest.txt", "root"],
)

clang_toolchain_config(
    name = "config",
    cpu = "{cpu}",
    gcc_dir = "{gcc_dir}",
    sysroot = ":files",
    triple = "{triple}",
)

filegroup(
    name = "inputs",
    srcs = [":files", "@local_clang//:version.txt"],
)

filegroup(name = "empty")

cc_toolchain(
    name = "cc",
    all_files = ":inputs",
    ar_files = ":inputs",
    as_files = ":inputs",
    compiler_files = ":inputs",
    dwp_files = ":empty",
    linker_files = ":inputs",
    objcopy_files = ":empty",
    strip_files = ":empty",
    supports_param_files = True,
    toolchain_config = ":config",
)

cc_library(
    name = "libcamera",
    includes = ["root/usr/include/libcamera"],
    linkopts = ["-lcamera", "-lcamera-base"],
)
"""

_CPUS = {"arm64": "aarch64"}

# What //:pistream is built with: packages, by a file of each. `#`: the triple.
_COPY_HAS = {
    "usr/include/#/libavcodec/avcodec.h": "libavcodec-dev",
    "usr/include/#/libswscale/swscale.h": "libswscale-dev",
    "usr/include/c++": "libstdc++-14-dev",
    "usr/include/libcamera/libcamera/libcamera.h": "libcamera-dev",
    "usr/include/openssl/evp.h": "libssl-dev",
    "usr/lib/#/libc.so": "libc6-dev",
    "usr/lib/#/libc.so.6": "libc6",
}

def _use_copy(rctx, copy, triple):
    """A sysroot that somebody made, from a real Pi for example, in the place of packages."""
    if not copy.startswith("/"):
        fail("PISTREAM_SYSROOT=%s must be an absolute path" % copy)
    missing = [
        package
        for file, package in _COPY_HAS.items()
        if not rctx.path("%s/%s" % (copy, file.replace("#", triple))).exists
    ]
    if missing:
        fail("the copy of a system in PISTREAM_SYSROOT=%s lacks %s: " % (copy, ", ".join(missing)) +
             "install what is missing on the Pi, and copy again with ./dev sysroot")

    # Linker scripts name /lib, which is a link on the Pi too.
    rctx.symlink(copy + "/usr", "root/usr")
    rctx.symlink(copy + "/usr/lib", "root/lib")
    listing = rctx.execute(["find", copy + "/usr/", "-printf", "%P %s %T@ %l\n"], quiet = True)
    if listing.return_code != 0:
        fail("cannot read PISTREAM_SYSROOT=%s: %s" % (copy, listing.stderr))
    rctx.file("manifest.txt", "\n".join(sorted(listing.stdout.splitlines())), executable = False)

def _debian_sysroot_impl(rctx):
    cpu = _CPUS[rctx.attr.arch]
    triple = cpu + "-linux-gnu"
    copy = rctx.os.environ.get("PISTREAM_SYSROOT", "") if rctx.attr.replaceable else ""
    if copy:
        _use_copy(rctx, copy, triple)
    else:
        _unpack(rctx, "sysroot", rctx.attr.arch, rctx.attr.packages)
        for source, path in rctx.attr.files.items():
            rctx.file("root/" + path, rctx.read(source), executable = False)
    gcc = rctx.path("root/usr/lib/gcc/" + triple)
    versions = [v.basename for v in gcc.readdir()] if gcc.exists else []
    if len(versions) != 1:
        fail("@%s must have the library folder of one GCC in %s, not of %s" % (rctx.name, gcc, versions))
    rctx.file(
        "BUILD.bazel",
        _SYSROOT_BUILD.format(
            cpu = cpu,
            gcc_dir = "usr/lib/gcc/%s/%s" % (triple, versions[0]),
            triple = triple,
        ),
        executable = False,
    )

debian_sysroot = _rule(_debian_sysroot_impl, {
    "arch": attr.string(mandatory = True, values = _CPUS.keys(), doc = "Debian's name of it"),
    "files": attr.label_keyed_string_dict(
        allow_files = True,
        doc = "files of the project to add, with their paths in the sysroot",
    ),
    "packages": attr.string_list(mandatory = True, doc = "with all they depend on; NAME or NAME/SUITE"),
    "replaceable": attr.bool(doc = "whether the environment's PISTREAM_SYSROOT takes the packages' place"),
}, environ = ["PISTREAM_SYSROOT"])

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

_FILES_BUILD = """
filegroup(
    name = "files",
    srcs = ["manifest.txt", "root"],
    visibility = ["//visibility:public"],
)
"""

def _debian_files_impl(rctx):
    _unpack(rctx, "alone", rctx.attr.arch, rctx.attr.packages)
    rctx.file("BUILD.bazel", _FILES_BUILD, executable = False)

debian_files = _rule(_debian_files_impl, {
    "arch": attr.string(mandatory = True, values = _CPUS.keys(), doc = "Debian's name of it"),
    "packages": attr.string_list(
        mandatory = True,
        doc = "without what they depend on; NAME, NAME/SUITE, or NAME> for what NAME depends on",
    ),
})

_KERNEL_BUILD = """
filegroup(
    name = "files",
    srcs = ["manifest.txt", "root", "source"],
    visibility = ["//visibility:public"],
)
"""

def _debian_kernel_impl(rctx):
    _unpack(rctx, "kernel", rctx.attr.arch, [rctx.attr.folder])
    rctx.file("BUILD.bazel", _KERNEL_BUILD, executable = False)

debian_kernel = _rule(_debian_kernel_impl, {
    "arch": attr.string(mandatory = True, doc = "Debian's name of it"),
    "folder": attr.string(mandatory = True, doc = "of the kernel's sources, without those below it"),
})
