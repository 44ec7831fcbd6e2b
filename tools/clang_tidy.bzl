"""clang-tidy on C++ sources: as an aspect (--config=tidy), and as a test for each target.

Headers are checked through the sources that include them: see .clang-tidy's HeaderFilterRegex.
"""

load("@rules_cc//cc:find_cc_toolchain.bzl", "find_cc_toolchain")
load(":compile_flags.bzl", "compile_flags")
load(":platform_transition.bzl", "PLATFORM_ATTRS", "to_platform")

_CLANG_TIDY = "/usr/bin/clang-tidy-19"

# Writes the findings to $3, empty if there are none; a clang-tidy that cannot work is an error.
_RUN = """
[[ -x {tool} ]] || {{ echo "{tool} is missing: sudo apt install clang-tidy-19" >&2; exit 1; }}
if {tool} --quiet --warnings-as-errors='*' --config-file="$1" "$2" -- "${{@:4}}" >"$3" 2>"$3.err"; then
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
    flags = compile_flags(ctx, toolchain, context, ctx.rule.attr.copts)
    reports = []
    for source in _sources(ctx):
        report = ctx.actions.declare_file("%s.%s.tidy" % (target.label.name, source.basename))
        ctx.actions.run_shell(
            outputs = [report],
            inputs = depset(
                [source, ctx.file._config],
                transitive = [context.headers, toolchain.all_files] +
                             [t.files for t in ctx.rule.attr.srcs],
            ),
            arguments = [ctx.file._config.path, source.path, report.path] + flags,
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

def _clang_tidy_test_impl(ctx):
    target = ctx.attr.target[0] if type(ctx.attr.target) == "list" else ctx.attr.target
    reports = target[_TidyInfo].reports if _TidyInfo in target else []
    ctx.actions.write(
        ctx.outputs.executable,
        _TEST.format(reports = " ".join([r.short_path for r in reports])),
        is_executable = True,
    )
    return [DefaultInfo(runfiles = ctx.runfiles(files = reports))]

_here_clang_tidy_test = rule(
    implementation = _clang_tidy_test_impl,
    attrs = {"target": attr.label(aspects = [clang_tidy], mandatory = True)},
    test = True,
)

_platform_clang_tidy_test = rule(
    implementation = _clang_tidy_test_impl,
    attrs = dict(
        PLATFORM_ATTRS,
        target = attr.label(aspects = [clang_tidy], cfg = to_platform, mandatory = True),
    ),
    test = True,
)

def clang_tidy_test(name, platform = None, **kwargs):
    """Fails with clang-tidy's findings in the target's sources.

    Args:
      name: of the test.
      platform: that the target is built for; None is the platform of the build.
      **kwargs: `target`, and as any test's.
    """
    if platform:
        _platform_clang_tidy_test(name = name, platform = platform, **kwargs)
    else:
        _here_clang_tidy_test(name = name, **kwargs)
