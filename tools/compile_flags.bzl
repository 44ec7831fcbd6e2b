"""The compiler's command line for a C++ source, for a tool that reads sources as the compiler does."""

load("@rules_cc//cc:action_names.bzl", "ACTION_NAMES")

def compile_flags(ctx, toolchain, context, copts):
    """The flags for a source.

    Args:
      ctx: of a rule or an aspect with the fragment "cpp".
      toolchain: of C++.
      context: the compilation context of what the source is compiled with.
      copts: the flags of the target's own.

    Returns:
      A list of strings.
    """
    features = cc_common.configure_features(
        ctx = ctx,
        cc_toolchain = toolchain,
        requested_features = ctx.features,
        unsupported_features = ctx.disabled_features,
    )
    variables = cc_common.create_compile_variables(
        cc_toolchain = toolchain,
        feature_configuration = features,
        include_directories = context.includes,
        preprocessor_defines = depset(transitive = [context.defines, context.local_defines]),
        quote_include_directories = context.quote_includes,
        system_include_directories = context.system_includes,
        user_compile_flags = ctx.fragments.cpp.copts + ctx.fragments.cpp.cxxopts + copts,
    )
    return cc_common.get_memory_inefficient_command_line(
        feature_configuration = features,
        action_name = ACTION_NAMES.cpp_compile,
        variables = variables,
    )
