"""A header that the compiler reads once for all sources that begin with it.

Reading the standard library, fmt and GoogleTest takes more than half of the time that a source takes to
compile without one.
"""

load("@rules_cc//cc:find_cc_toolchain.bzl", "find_cc_toolchain")
load(":compile_flags.bzl", "compile_flags")

# Bazel's own choice depends on the mode, and Clang refuses a precompiled header of another kind than
# the source's.
_POSITION_INDEPENDENT = "-fPIE"

def _precompiled_header_impl(ctx):
    toolchain = find_cc_toolchain(ctx)
    info = cc_common.merge_cc_infos(cc_infos = [d[CcInfo] for d in ctx.attr.deps])

    flags = compile_flags(ctx, toolchain, info.compilation_context, [_POSITION_INDEPENDENT])
    ctx.actions.run(
        executable = toolchain.compiler_executable,
        arguments = flags + [
            # The folder and the times of files differ from sandbox to sandbox.
            "-working-directory=/proc/self/cwd",
            "-Xclang",
            "-fno-pch-timestamp",
            "-fpch-instantiate-templates",
            "-x",
            "c++-header",
            ctx.file.hdr.path,
            "-o",
            ctx.outputs.out.path,
        ],
        inputs = depset(
            [ctx.file.hdr],
            transitive = [info.compilation_context.headers, toolchain.all_files],
        ),
        outputs = [ctx.outputs.out],
        mnemonic = "CppPrecompile",
        progress_message = "Precompiling %s" % ctx.file.hdr.short_path,
    )
    files = depset([ctx.file.hdr, ctx.outputs.out])
    own = CcInfo(compilation_context = cc_common.create_compilation_context(headers = files))
    return [cc_common.merge_cc_infos(cc_infos = [info, own]), DefaultInfo(files = files)]

precompiled_header = rule(
    implementation = _precompiled_header_impl,
    doc = "For the deps of a target whose copts have precompiled_header_copts() of it.",
    attrs = {
        "deps": attr.label_list(providers = [CcInfo], doc = "what the header includes"),
        "hdr": attr.label(allow_single_file = [".h"], mandatory = True),
        "out": attr.output(mandatory = True, doc = "a .pch file"),
        "_cc_toolchain": attr.label(default = "@bazel_tools//tools/cpp:current_cc_toolchain"),
    },
    fragments = ["cpp"],
    toolchains = ["@bazel_tools//tools/cpp:toolchain_type"],
)

_OPTION = "-include-pch"

def precompiled_header_copts(out):
    """What makes a source begin with a precompiled header.

    Args:
      out: the header's file, from the repository's root.
    """
    path = "$(BINDIR)/" + out

    # Clang does not list the file among what the source depends on: Bazel would not compile the source
    # again after a change of the header.
    return [_POSITION_INDEPENDENT] + _options(path)

def _options(path):
    return [_OPTION, path, "-Xclang", "-fdepfile-entry=" + path]

def without_precompiled_header(copts):
    """The same copts for a tool that reads all headers by itself."""
    if _OPTION not in copts:
        return copts
    at = copts.index(_OPTION)
    return copts[:at] + copts[at + len(_options("")):]
