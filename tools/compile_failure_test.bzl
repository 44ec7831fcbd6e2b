"""A test that the compiler rejects a mistake."""

load("@rules_cc//cc:find_cc_toolchain.bzl", "find_cc_toolchain")
load(":compile_flags.bzl", "compile_flags")
load(":warnings.bzl", "WARNINGS")

# Compiles without writing an object, and keeps the exit code and what the compiler said in $1.
_RUN = "output=$(\"${@:2}\" 2>&1); echo \"exit code $?\" >\"$1\"; echo \"$output\" >>\"$1\""

_TEST = """#!/bin/bash
# check REPORT MISTAKE EXPECTED: no MISTAKE must compile.
check() {{
  if [[ ! $2 ]]; then
    grep -qx 'exit code 0' "$1" || {{ echo "{source} does not compile without a mistake:"; cat "$1"; return 1; }}
  elif grep -qx 'exit code 0' "$1"; then
    echo "{source} compiles with -D$2"
    return 1
  else
    grep -F 'error:' "$1" | grep -qF -- "$3" || {{ echo "with -D$2, no error says '$3':"; cat "$1"; return 1; }}
  fi
}}
status=0
{checks}
exit $status
"""

def _compile(ctx, toolchain, context, flags, mistake):
    report = ctx.actions.declare_file("%s.%s.txt" % (ctx.label.name, mistake or "none"))
    define = ["-D" + mistake] if mistake else []
    ctx.actions.run_shell(
        outputs = [report],
        inputs = depset([ctx.file.src], transitive = [context.headers, toolchain.all_files]),
        arguments = [report.path, toolchain.compiler_executable] + flags + define +
                    ["-fno-color-diagnostics", "-fsyntax-only", ctx.file.src.path],
        command = _RUN,
        mnemonic = "CompileFailure",
    )
    return report

def _compile_failure_test_impl(ctx):
    toolchain = find_cc_toolchain(ctx)
    context = cc_common.merge_cc_infos(cc_infos = [d[CcInfo] for d in ctx.attr.deps]).compilation_context
    flags = compile_flags(ctx, toolchain, context, WARNINGS)
    reports, checks = [], []
    for mistake, expected in dict({"": ""}, **ctx.attr.mistakes).items():
        report = _compile(ctx, toolchain, context, flags, mistake)
        reports.append(report)
        checks.append("check '%s' '%s' '%s' || status=1" % (report.short_path, mistake, expected))
    ctx.actions.write(
        ctx.outputs.executable,
        _TEST.format(checks = "\n".join(checks), source = ctx.file.src.short_path),
        is_executable = True,
    )
    return [DefaultInfo(runfiles = ctx.runfiles(files = reports))]

compile_failure_test = rule(
    implementation = _compile_failure_test_impl,
    doc = "The source compiles, but not with any of the macros in `mistakes` defined.",
    attrs = {
        "deps": attr.label_list(providers = [CcInfo]),
        "mistakes": attr.string_dict(mandatory = True, doc = "a macro: a part of the compiler's error, without a '"),
        "src": attr.label(allow_single_file = [".cc"], mandatory = True),
        "_cc_toolchain": attr.label(default = "@bazel_tools//tools/cpp:current_cc_toolchain"),
    },
    fragments = ["cpp"],
    test = True,
    toolchains = ["@bazel_tools//tools/cpp:toolchain_type"],
)
