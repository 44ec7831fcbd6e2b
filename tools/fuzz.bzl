"""libFuzzer targets that are ordinary tests: a bounded run over the kept corpus."""

load("@rules_cc//cc:defs.bzl", "cc_binary")
load(":warnings.bzl", "WARNINGS")

def _fuzzing_impl(_settings, _attr):
    # Replaces a sanitizer chosen on the command line: tsan and asan exclude each other.
    return {
        "//command_line_option:features": ["asan", "ubsan", "fuzzer"],
        "//command_line_option:strip": "never",
    }

_fuzzing = transition(
    implementation = _fuzzing_impl,
    inputs = [],
    outputs = [
        "//command_line_option:features",
        "//command_line_option:strip",
    ],
)

# libFuzzer writes what it finds to the first corpus, and the input of a crash to the prefix.
_RUN = """#!/bin/bash
set -eu
export ASAN_SYMBOLIZER_PATH=/usr/lib/llvm-19/bin/llvm-symbolizer
corpus=$(mktemp -d "${{TEST_TMPDIR:-/tmp}}/corpus.XXXXXX")
prefix=${{TEST_UNDECLARED_OUTPUTS_DIR:-$PWD}}/
if (($#)); then
  exec {fuzzer} -artifact_prefix="$prefix" "$@"
fi
exec {fuzzer} -artifact_prefix="$prefix" -seed=1 -runs={runs} -max_total_time={seconds} \\
  -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 "$corpus" {corpus}
"""

def _fuzz_test_impl(ctx):
    fuzzer = ctx.attr.fuzzer[0][DefaultInfo].files_to_run.executable
    folders = {f.dirname: None for f in ctx.files.corpus}
    ctx.actions.write(
        ctx.outputs.executable,
        _RUN.format(
            corpus = " ".join(folders.keys()),
            fuzzer = fuzzer.short_path,
            runs = ctx.attr.runs,
            seconds = ctx.attr.seconds,
        ),
        is_executable = True,
    )
    return [DefaultInfo(runfiles = ctx.runfiles(files = [fuzzer] + ctx.files.corpus))]

_fuzz_test = rule(
    implementation = _fuzz_test_impl,
    attrs = {
        "fuzzer": attr.label(cfg = _fuzzing, executable = True, mandatory = True),
        "corpus": attr.label_list(allow_files = True),
        "runs": attr.int(mandatory = True),
        "seconds": attr.int(mandatory = True),
        "_allowlist_function_transition": attr.label(
            default = "@bazel_tools//tools/allowlists/function_transition_allowlist",
        ),
    },
    test = True,
)

def pistream_cc_fuzz_test(name, srcs, deps = [], corpus = [], runs = 20000, seconds = 20, **kwargs):
    """A fuzz target (LLVMFuzzerTestOneInput) built with libFuzzer, asan and ubsan, deps included.

    As a test it reads the corpus and goes on from there with a fixed seed, until `runs` inputs or
    `seconds` are over. To run it with options of libFuzzer (the corpus needs an absolute path):
    `bazel run //tests/fuzz:NAME -- -jobs=2 /path/to/corpus`.

    Args:
      name: of the test.
      srcs: as cc_binary's.
      deps: as cc_binary's.
      corpus: files, each folder of them a corpus.
      runs: how many inputs at most.
      seconds: how long at most.
      **kwargs: of the test (tags, size, ...).
    """
    cc_binary(
        name = name + "_fuzzer",
        testonly = True,
        srcs = srcs,
        # LLVMFuzzerTestOneInput is declared nowhere.
        copts = WARNINGS + ["-Wno-missing-prototypes"],
        linkopts = ["-fsanitize=fuzzer"],
        # Only the test builds it, in its own configuration.
        tags = ["manual"],
        deps = deps,
    )
    _fuzz_test(
        name = name,
        corpus = corpus,
        fuzzer = ":%s_fuzzer" % name,
        runs = runs,
        seconds = seconds,
        target_compatible_with = ["@platforms//cpu:x86_64"],
        **kwargs
    )
