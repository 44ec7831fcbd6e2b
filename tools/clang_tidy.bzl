"""clang-tidy on C++ sources: as an aspect (--config=tidy), and as a test for each target.

Headers are checked through the sources that include them: see .clang-tidy's HeaderFilterRegex.
"""

load("@rules_cc//cc:find_cc_toolchain.bzl", "find_cc_toolchain")
load(":compile_flags.bzl", "compile_flags")
load(":precompiled_header.bzl", "without_precompiled_header")

_CLANG_TIDY = "/usr/bin/clang-tidy-19"

# Writes the findings to $3, empty if there are none; a clang-tidy that cannot work is an error.
_RUN = """
[[ -x {tool} ]] || {{ echo "{tool} is missing: sudo apt install clang-tidy-19" >&2; exit 1; }}
if {tool} --quiet --load="$4" --warnings-as-errors='*' --config-file="$1" "$2" -- "${{@:5}}" >"$3" 2>"$3.err"; then
  : >"$3"
elif [[ -s $3 ]]; then
  sed -i "s|$PWD/||g" "$3"
else
  cat "$3.err" >&2
  exit 1
fi
""".format(tool = _CLANG_TIDY)

_TidyInfo = provider(doc = "What clang-tidy found in a target's sources.", fields = ["reports"])

def _sources(ctx):
    files = [f for target in ctx.rule.attr.srcs for f in target.files.to_list()]
    return [f for f in files if f.is_source and f.extension == "cc"]

def _clang_tidy_impl(target, ctx):
    if CcInfo not in target or target.label.workspace_name or not hasattr(ctx.rule.attr, "srcs"):
        return []
    toolchain = find_cc_toolchain(ctx)
    context = target[CcInfo].compilation_context
    flags = compile_flags(ctx, toolchain, context, without_precompiled_header(ctx.rule.attr.copts))
    reports = []
    for source in _sources(ctx):
        report = ctx.actions.declare_file("%s.%s.tidy" % (target.label.name, source.basename))
        ctx.actions.run_shell(
            outputs = [report],
            inputs = depset(
                [source, ctx.file._config, ctx.file._plugin],
                transitive = [context.headers, toolchain.all_files] +
                             [t.files for t in ctx.rule.attr.srcs],
            ),
            arguments = [ctx.file._config.path, source.path, report.path, ctx.file._plugin.path] + flags,
            command = _RUN,
            mnemonic = "ClangTidy",
            progress_message = "clang-tidy %s" % source.short_path,
        )
        reports.append(report)
    return [_TidyInfo(reports = reports), OutputGroupInfo(tidy = _enforced(ctx, target, reports))]

def _enforced(ctx, target, reports):
    """An output that can be built only if the reports are empty."""
    if not reports:
        return depset()
    clean = ctx.actions.declare_file(target.label.name + ".tidy_clean")
    ctx.actions.run_shell(
        outputs = [clean],
        inputs = reports,
        arguments = [clean.path] + [r.path for r in reports],
        command = "cat \"${@:2}\" >\"$1\"; [[ ! -s $1 ]] || { cat \"$1\" >&2; exit 1; }",
        mnemonic = "ClangTidyClean",
    )
    return depset([clean])

clang_tidy = aspect(
    implementation = _clang_tidy_impl,
    fragments = ["cpp"],
    attrs = {
        "_cc_toolchain": attr.label(default = "@bazel_tools//tools/cpp:current_cc_toolchain"),
        "_config": attr.label(default = "//:.clang-tidy", allow_single_file = True),
        "_plugin": attr.label(
            default = "//tools:skip_system_headers.so",
            allow_single_file = True,
            cfg = "exec",
        ),
    },
    toolchains = ["@bazel_tools//tools/cpp:toolchain_type"],
)

_TEST = """#!/bin/bash
status=0
for report in {reports}; do
  [[ ! -s $report ]] || {{ cat "$report"; status=1; }}
done
exit $status
"""

_EXPECTING_TEST = """#!/bin/bash
status=0
for finding in {expected}; do
  cat {reports} | grep -F "$finding" || {{ echo "not found: $finding"; status=1; }}
done
exit $status
"""

def _clang_tidy_test_impl(ctx):
    target = ctx.attr.target[0]
    reports = target[_TidyInfo].reports if _TidyInfo in target else []
    ctx.actions.write(
        ctx.outputs.executable,
        (_EXPECTING_TEST if ctx.attr.expected else _TEST).format(
            expected = " ".join(["'%s'" % finding for finding in ctx.attr.expected]),
            reports = " ".join([r.short_path for r in reports]),
        ),
        is_executable = True,
    )
    return [DefaultInfo(runfiles = ctx.runfiles(files = reports))]

# One processor and one standard library for all, the Pi's: what clang-tidy finds depends on both, and
# must not depend on which Debian this machine has. Not optimised, so that the code of checks that
# NDEBUG takes out is read too. The same as build:tidy in .bazelrc.
def _to_tidy_impl(_settings, _attr):
    return {
        "//command_line_option:compilation_mode": "fastbuild",
        "//command_line_option:features": [],
        "//command_line_option:platforms": "//toolchains:rpi",
        "//command_line_option:platform_suffix": "-tidy",
        "//command_line_option:run_under": None,
    }

_to_tidy = transition(
    implementation = _to_tidy_impl,
    inputs = [],
    outputs = [
        "//command_line_option:" + option
        for option in ["compilation_mode", "features", "platforms", "platform_suffix", "run_under"]
    ],
)

# Fails with clang-tidy's findings in the target's sources; with `expected`, without one of these.
clang_tidy_test = rule(
    implementation = _clang_tidy_test_impl,
    attrs = {
        "expected": attr.string_list(doc = "parts of findings"),
        "target": attr.label(aspects = [clang_tidy], cfg = _to_tidy, mandatory = True),
        "_allowlist_function_transition": attr.label(
            default = "@bazel_tools//tools/allowlists/function_transition_allowlist",
        ),
    },
    test = True,
)
