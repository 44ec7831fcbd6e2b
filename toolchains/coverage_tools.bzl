"""@remote_coverage_tools without a download.

Bazel 4.2.3 makes every test depend on this repository, which it would fetch, even where no
coverage is taken. Coverage itself is not supported: the tool says so.
"""

_BUILD = """
package(default_visibility = ["//visibility:public"])

sh_binary(
    name = "lcov_merger",
    srcs = ["unsupported.sh"],
)

alias(
    name = "coverage_report_generator",
    actual = ":lcov_merger",
)

alias(
    name = "Main",
    actual = ":lcov_merger",
)
"""

_UNSUPPORTED = """#!/bin/sh
echo "pistream's build does not take coverage" >&2
exit 1
"""

def _no_coverage_tools_impl(rctx):
    rctx.file("unsupported.sh", _UNSUPPORTED)
    rctx.file("BUILD.bazel", _BUILD, executable = False)

no_coverage_tools = repository_rule(implementation = _no_coverage_tools_impl)
