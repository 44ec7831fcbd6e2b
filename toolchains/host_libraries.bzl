"""@host_libraries: whether this machine has the -dev packages the host build links against.

Nothing fails before a target for the host asks for a library: a build for the Pi needs none.
"""

load(":host_packages.bzl", "install_hint", "missing_packages")

_PACKAGES = [
    "libavcodec-dev",
    "libavformat-dev",
    "libavutil-dev",
    "libswscale-dev",
    "libssl-dev",
]

_BUILD = """
load("@rules_cc//cc:defs.bzl", "cc_library")

package(default_visibility = ["//visibility:public"])

# The libraries are on the compiler's own search path: there is only their presence to depend on.
cc_library(name = "installed")

cc_library(
    name = "libcamera",
    hdrs = glob(["libcamera/**/*.h"]),
    includes = ["libcamera"],
    linkopts = ["-lcamera", "-lcamera-base"],
)
"""

_LIBCAMERA = "/usr/include/libcamera"

def _libcamera_version(rctx):
    """[major, minor] of the installed libcamera-dev, [0, 0] if there is none."""
    header = rctx.path(_LIBCAMERA + "/libcamera/version.h")
    numbers = {"MAJOR": 0, "MINOR": 0}
    if header.exists:
        for line in rctx.read(header).splitlines():
            words = [w for w in line.replace("\t", " ").split(" ") if w]
            for part in numbers.keys():
                if words[:2] == ["#define", "LIBCAMERA_VERSION_" + part]:
                    numbers[part] = int(words[2])
    return [numbers["MAJOR"], numbers["MINOR"]]

def _host_libraries_impl(rctx):
    missing = missing_packages(rctx, rctx.attr._packages, _PACKAGES)
    build = "fail(\"%s\")\n" % install_hint(missing) if missing else _BUILD
    rctx.file("BUILD.bazel", build, executable = False)

    # libcamera's API before 0.4 is another one; Debian 12 has 0.0.3.
    version = _libcamera_version(rctx)
    usable = version >= [0, 4]
    if usable:
        rctx.symlink(_LIBCAMERA, "libcamera")
    rctx.file("defs.bzl", "HAS_LIBCAMERA = %s\n" % usable, executable = False)

host_libraries = repository_rule(
    implementation = _host_libraries_impl,
    attrs = {"_packages": attr.label(default = "//toolchains:host_packages.txt")},
    local = True,
)
