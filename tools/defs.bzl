"""The project's own C++ rules: one set of warnings, errors all, for our code only."""

load("@rules_cc//cc:defs.bzl", "cc_binary", "cc_library", "cc_test")
load(":aarch64_test.bzl", "aarch64_test")
load(":clang_tidy.bzl", "clang_tidy_test")
load(":fuzz.bzl", _pistream_cc_fuzz_test = "pistream_cc_fuzz_test")
load(":precompiled_header.bzl", "precompiled_header_copts")
load(":warnings.bzl", "WARNINGS")

pistream_cc_fuzz_test = _pistream_cc_fuzz_test

# For target_compatible_with: what includes libcamera's headers.
NEEDS_LIBCAMERA = select({
    "//toolchains/libs:has_libcamera": [],
    "//conditions:default": ["//toolchains:incompatible"],
})

def _lint(name, kwargs):
    """NAME_tidy_test for a target with sources: headers are linted through those."""
    if kwargs.get("srcs"):
        clang_tidy_test(
            name = name + "_tidy_test",
            size = "small",
            tags = ["heavy", "lint"] + [tag for tag in kwargs.get("tags", []) if tag == "manual"],
            target = ":" + name,
            testonly = True,
        )

def _with_precompiled(package, copts, deps, kwargs):
    """(copts, deps) with the precompiled header of the package, where it can be used."""

    # Clang refuses one that was compiled with other flags.
    if not kwargs.get("srcs") or copts or kwargs.get("features"):
        return copts, deps
    return precompiled_header_copts(package + "/precompiled.pch"), deps + ["//%s:precompiled" % package]

def _cc(rule, name, copts, deps, precompiled, kwargs):
    if precompiled:
        copts, deps = _with_precompiled("src/base", copts, deps, kwargs)
    rule(name = name, copts = WARNINGS + copts, deps = deps, **kwargs)
    _lint(name, kwargs)

def pistream_cc_library(name, copts = [], deps = [], precompiled = True, **kwargs):
    """cc_library with the project's warnings, and its clang-tidy as a test.

    Args:
      name: as cc_library's.
      copts: added to the project's.
      deps: as cc_library's.
      precompiled: whether src/base/precompiled.h may come first; False for what has no standard library.
      **kwargs: as cc_library's.
    """
    # No shared library is made of it: the precompiled header is for code of executables.
    _cc(cc_library, name, copts, deps, precompiled, dict(linkstatic = True, **kwargs))

def pistream_cc_binary(name, copts = [], deps = [], precompiled = True, **kwargs):
    """cc_binary with the project's warnings, and its clang-tidy as a test; as pistream_cc_library."""
    _cc(cc_binary, name, copts, deps, precompiled, kwargs)

def pistream_cc_test(name, copts = [], deps = [], gtest_main = True, size = "small", skipped = None, tags = [], **kwargs):
    """cc_test with the project's warnings and GoogleTest, and NAME_aarch64, the same for the Pi under emulation.

    Args:
      name: as cc_test's.
      copts: added to the project's.
      deps: added to GoogleTest.
      gtest_main: whether GoogleTest's main() is linked; False for a test that has its own.
      size: as cc_test's.
      skipped: for a test with target_compatible_with: why it cannot run elsewhere, as ./dev test prints it.
      tags: as cc_test's.
      **kwargs: as cc_test's.
    """
    copts, deps = _with_precompiled("tests/support", copts, deps, kwargs)
    if "target_compatible_with" in kwargs and not skipped:
        fail("%s: say in `skipped` why it does not run everywhere" % name)
    cc_test(
        name = name,
        size = size,
        tags = tags + (["skipped: " + skipped] if skipped else []),
        copts = WARNINGS + copts,
        deps = deps + [
            "@googletest//:gtest_main" if gtest_main else "@googletest//:gtest",
        ],
        **kwargs
    )
    if not [tag for tag in tags if tag in ["heavy", "manual", "soak"]]:
        aarch64_test(
            name = name + "_aarch64",
            size = size,
            timeout = kwargs.get("timeout"),
            args = kwargs.get("args", []),
            data = kwargs.get("data", []),
            env = kwargs.get("env", {}),
            tags = tags + ["heavy"],
            test = ":" + name,
        )
