"""The compiler's warnings for the project's own code."""

# Libraries from outside come as system headers, where warnings do not apply.
WARNINGS = [
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
    # src/base/mutex.h, src/base/sequence_checker.h. "beta" is the order of locks.
    "-Wthread-safety",
    "-Wthread-safety-beta",
    "-Wthread-safety-reference-return",
    "-Wunreachable-code-aggressive",
    "-Wunused",
    # C++20 allows a macro call without variadic arguments; googletest's need it.
    "-Wno-gnu-zero-variadic-macro-arguments",
]
