"""The one compiler, clang 19 with lld, for every target: the host, aarch64 with a sysroot, wasm32.

Sanitizers and the fuzzer are features (--features=asan), so that a configuration transition or
.bazelrc can ask for them by name.
"""

load("@local_clang//:defs.bzl", "BIN", "RESOURCE_DIR")
load("@rules_cc//cc:action_names.bzl", "ACTION_NAMES")
load(
    "@rules_cc//cc:cc_toolchain_config_lib.bzl",
    "feature",
    "flag_group",
    "flag_set",
    "tool_path",
    "with_feature_set",
)

_CXX = [
    ACTION_NAMES.cpp_compile,
    ACTION_NAMES.cpp_header_parsing,
    ACTION_NAMES.cpp_module_compile,
    ACTION_NAMES.cpp_module_codegen,
    ACTION_NAMES.linkstamp_compile,
    ACTION_NAMES.lto_backend,
]
_COMPILE = _CXX + [
    ACTION_NAMES.assemble,
    ACTION_NAMES.preprocess_assemble,
    ACTION_NAMES.c_compile,
]
_LINK = [
    ACTION_NAMES.cpp_link_executable,
    ACTION_NAMES.cpp_link_dynamic_library,
    ACTION_NAMES.cpp_link_nodeps_dynamic_library,
]

_TOOLS = {
    "ar": "llvm-ar",
    "cpp": "clang-cpp",
    "dwp": "llvm-dwp",
    "gcc": "clang",
    "gcov": "llvm-cov",
    "ld": "ld.lld",
    "nm": "llvm-nm",
    "objcopy": "llvm-objcopy",
    "objdump": "llvm-objdump",
    "strip": "llvm-strip",
}

# Equal inputs give equal outputs: no dates and no absolute paths.
_REPRODUCIBLE = [
    "-no-canonical-prefixes",
    "-Wno-builtin-macro-redefined",
    "-D__DATE__=\"redacted\"",
    "-D__TIMESTAMP__=\"redacted\"",
    "-D__TIME__=\"redacted\"",
]

# Unpacked header packages (debian_packages.bzl) are whole folders, in which Bazel does not know
# the single files: it is told not to miss them.
_HEADER_PACKAGES = ["%workspace%/external/debian_headers"]

# How a precompiled header names what it has read (tools/precompiled_header.bzl): inputs, all of them.
_PRECOMPILED = ["/proc/self/cwd"]

def _flags(actions, flags, mode = None):
    return flag_set(
        actions = actions,
        flag_groups = [flag_group(flags = flags)],
        with_features = [with_feature_set(features = [mode])] if mode else [],
    )

def _sanitizer(name, compile, link):
    # Lines are all that a report names. Not optimised: Boost takes three times as long otherwise.
    common = ["-g1", "-fno-omit-frame-pointer", "-fno-sanitize-recover=all"]
    flag_sets = [_flags(_COMPILE, common + compile)]
    return feature(name = name, flag_sets = flag_sets + ([_flags(_LINK, link)] if link else []))

_SANITIZERS = [
    _sanitizer("asan", ["-fsanitize=address"], ["-fsanitize=address"]),
    _sanitizer("tsan", ["-fsanitize=thread"], ["-fsanitize=thread"]),
    _sanitizer("ubsan", ["-fsanitize=undefined"], ["-fsanitize=undefined", "-fsanitize-link-c++-runtime"]),
    # Coverage for libFuzzer in every object; its main() comes with the fuzz target's own link.
    _sanitizer("fuzzer", ["-fsanitize=fuzzer-no-link"], []),
]

_MODES = [feature(name = mode) for mode in ["opt", "dbg", "fastbuild"]]

def _hosted_features(target):
    """Features of a system with an operating system, a libc and shared libraries."""
    compile = target + [
        "-fstack-protector-strong",
        "-fstack-clash-protection",
        "-fno-omit-frame-pointer",
        "-fcolor-diagnostics",
        "-pthread",
    ]
    optimised = [
        "-O2",
        "-g1",
        "-DNDEBUG",
        "-D_FORTIFY_SOURCE=2",
        "-ffunction-sections",
        "-fdata-sections",
    ]
    link = target + [
        "-fuse-ld=lld",
        "-lstdc++",
        "-lm",
        "-pthread",
        "-Wl,-z,relro,-z,now",
        "-Wl,--as-needed",
        "-Wl,--build-id",
    ]
    return _MODES + [
        feature(name = "supports_pic", enabled = True),
        feature(name = "supports_dynamic_linker", enabled = True),
        feature(name = "supports_start_end_lib", enabled = True),
        feature(name = "default_compile_flags", enabled = True, flag_sets = [
            _flags(_COMPILE, compile),
            _flags(_CXX, ["-std=c++20"]),
            _flags(_COMPILE, ["-g"], "dbg"),
            _flags(_COMPILE, optimised, "opt"),
        ]),
        # In every configuration, the optimised one too: an index out of range ends the program. A
        # target that measures the least there can be goes without: features = ["-library_assertions"].
        feature(name = "library_assertions", enabled = True, flag_sets = [
            _flags(_CXX, ["-D_GLIBCXX_ASSERTIONS"]),
        ]),
        feature(name = "default_link_flags", enabled = True, flag_sets = [
            _flags(_LINK, link),
            _flags(_LINK, ["-Wl,--gc-sections"], "opt"),
        ]),
    ] + _SANITIZERS + [
        feature(name = "unfiltered_compile_flags", enabled = True, flag_sets = [
            _flags(_COMPILE, _REPRODUCIBLE),
        ]),
    ]

def _freestanding_features(target):
    """Features of a WebAssembly module: no operating system, no libc, no library at all."""
    compile = target + [
        "-O2",
        "-mbulk-memory",
        "-ffreestanding",
        "-nostdlibinc",
        "-fno-exceptions",
        "-fno-rtti",
        "-fno-threadsafe-statics",
        "-fvisibility=hidden",
        # A module is one program: across its files it is optimised as one.
        "-flto",
    ]
    link = target + ["-flto", "-nostdlib", "-Wl,--no-entry", "-Wl,--strip-all", "-Wl,-z,stack-size=65536"]
    return _MODES + [
        feature(name = "default_compile_flags", enabled = True, flag_sets = [
            _flags(_COMPILE, compile),
            _flags(_CXX, ["-std=c++20"]),
        ]),
        feature(name = "default_link_flags", enabled = True, flag_sets = [_flags(_LINK, link)]),
        feature(name = "unfiltered_compile_flags", enabled = True, flag_sets = [
            _flags(_COMPILE, _REPRODUCIBLE),
        ]),
    ]

def _impl(ctx):
    target = ["--target=" + ctx.attr.triple] + ctx.attr.machine_flags
    sysroot = None
    builtin = ["/usr/include", "/usr/lib/gcc"]
    if ctx.attr.sysroot:
        sysroot = ctx.attr.sysroot.label.workspace_root + "/root"
        target.append("--gcc-install-dir=%s/%s" % (sysroot, ctx.attr.gcc_dir))
        builtin = ["%sysroot%/usr/include", "%sysroot%/usr/lib/gcc"]
    return cc_common.create_cc_toolchain_config_info(
        ctx = ctx,
        features = _hosted_features(target) if ctx.attr.hosted else _freestanding_features(target),
        toolchain_identifier = ctx.attr.triple + "-clang",
        target_system_name = ctx.attr.triple,
        target_cpu = ctx.attr.cpu,
        target_libc = "glibc" if ctx.attr.hosted else "none",
        compiler = "clang",
        abi_version = "clang",
        abi_libc_version = "glibc",
        host_system_name = "local",
        tool_paths = [tool_path(name = k, path = BIN + "/" + v) for k, v in _TOOLS.items()],
        builtin_sysroot = sysroot,
        cxx_builtin_include_directories = builtin + [RESOURCE_DIR] + _HEADER_PACKAGES + _PRECOMPILED,
    )

clang_toolchain_config = rule(
    implementation = _impl,
    attrs = {
        "triple": attr.string(mandatory = True, doc = "clang's --target"),
        "cpu": attr.string(mandatory = True, doc = "Bazel's name of it"),
        "machine_flags": attr.string_list(doc = "clang's -m flags"),
        "hosted": attr.bool(default = True, doc = "whether there are an operating system and a libc"),
        "sysroot": attr.label(doc = "a target of a debian_packages repository; none: this machine"),
        "gcc_dir": attr.string(doc = "GCC's library folder in the sysroot"),
    },
    provides = [CcToolchainConfigInfo],
)
