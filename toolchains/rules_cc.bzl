"""@rules_cc from Debian's bazel-rules-cc, made loadable by Debian's Bazel 4.2.3.

rules_cc 0.0.4 loads use_cpp_toolchain from @bazel_tools, which Bazel 4 lacks. Everything is a
symlink, but for the files in _PATCHED, which are edited copies where this Bazel lacks the symbol.
"""

load(":host_packages.bzl", "install_hint", "missing_packages")

_ROOT = "/usr/share/bazel/rules/cc"
_PATCHED = [
    "cc/private/rules_impl/cc_flags_supplier.bzl",
    "cc/private/rules_impl/compiler_flag.bzl",
]
_TOOLCHAIN_TYPE = "[\"@bazel_tools//tools/cpp:toolchain_type\"]"

def _parents(path):
    parts = path.split("/")[:-1]
    return ["/".join(parts[:i + 1]) for i in range(len(parts))]

def _debian_rules_cc_impl(rctx):
    missing = missing_packages(rctx, rctx.attr._packages, ["bazel-rules-cc"])
    if missing:
        fail(install_hint(missing))
    utils = rctx.read(Label("@bazel_tools//tools/cpp:toolchain_utils.bzl"))
    patched = [] if "def use_cpp_toolchain(" in utils else _PATCHED

    # Folders on the way to a patched file are made; all else in them is a symlink.
    folders = {"": None}
    for path in patched:
        folders.update({parent: None for parent in _parents(path)})
    for folder in folders:
        for child in rctx.path("%s/%s" % (_ROOT, folder)).readdir():
            path = folder + "/" + child.basename if folder else child.basename
            if path in patched:
                text = rctx.read(child)
                text = text.replace(", \"use_cpp_toolchain\")", ")")
                text = text.replace("use_cpp_toolchain()", _TOOLCHAIN_TYPE)
                rctx.file(path, text, executable = False)
            elif path not in folders:
                rctx.symlink(child, path)

debian_rules_cc = repository_rule(
    implementation = _debian_rules_cc_impl,
    attrs = {"_packages": attr.label(default = "//toolchains:host_packages.txt")},
    local = True,  # Re-run when the server restarts, so that an upgraded package is seen.
)
