"""The project's own C++ rules: one set of warnings, errors all, for our code only."""

load("@rules_cc//cc:defs.bzl", "cc_binary", "cc_library", "cc_test")

# Libraries from outside come as system headers, where warnings do not apply.
_WARNINGS = [
    "-Werror",
    "-Wall",
    "-Wextra",
    "-Wpedantic",
    "-Wcast-align",
    "-Wcast-qual",
    "-Wconversion",
    "-Wdouble-promotion",
    "-Wextra-semi",
    "-Wformat=2",
    "-Wimplicit-fallthrough",
    "-Wmissing-prototypes",
    "-Wnon-virtual-dtor",
    "-Wold-style-cast",
    "-Woverloaded-virtual",
    "-Wshadow",
    "-Wunreachable-code-aggressive",
    "-Wunused",
    # C++20 allows a macro call without variadic arguments; googletest's need it.
    "-Wno-gnu-zero-variadic-macro-arguments",
]

def pistream_cc_library(name, copts = [], **kwargs):
    """cc_library with the project's warnings."""
    cc_library(name = name, copts = _WARNINGS + copts, **kwargs)

def pistream_cc_binary(name, copts = [], **kwargs):
    """cc_binary with the project's warnings."""
    cc_binary(name = name, copts = _WARNINGS + copts, **kwargs)

def pistream_cc_test(name, copts = [], deps = [], gtest_main = True, size = "small", **kwargs):
    """cc_test with the project's warnings and GoogleTest.

    Args:
      name: as cc_test's.
      copts: added to the project's.
      deps: added to GoogleTest.
      gtest_main: whether GoogleTest's main() is linked; False for a test that has its own.
      size: as cc_test's.
      **kwargs: as cc_test's.
    """
    cc_test(
        name = name,
        size = size,
        copts = _WARNINGS + copts,
        deps = deps + ["@googletest//:gtest_main" if gtest_main else "@googletest//:gtest"],
        **kwargs
    )
