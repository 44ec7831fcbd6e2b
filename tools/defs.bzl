"""The project's own C++ rules: one set of warnings, errors all, for our code only."""

load("@rules_cc//cc:defs.bzl", "cc_binary", "cc_library", "cc_test")
load(":fuzz.bzl", _pistream_cc_fuzz_test = "pistream_cc_fuzz_test")
load(":warnings.bzl", "WARNINGS")

pistream_cc_fuzz_test = _pistream_cc_fuzz_test

def pistream_cc_library(name, copts = [], **kwargs):
    """cc_library with the project's warnings."""
    cc_library(name = name, copts = WARNINGS + copts, **kwargs)

def pistream_cc_binary(name, copts = [], **kwargs):
    """cc_binary with the project's warnings."""
    cc_binary(name = name, copts = WARNINGS + copts, **kwargs)

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
        copts = WARNINGS + copts,
        deps = deps + ["@googletest//:gtest_main" if gtest_main else "@googletest//:gtest"],
        **kwargs
    )
