#!/usr/bin/python3
"""The direction of dependencies, read from #include lines: layering.py WORKSPACE_FILE

ALLOWED and THIRD_PARTY are the rules; design.md says why. Prints each line that breaks one.
"""
import os
import re
import sys

# What each module may include, besides itself. The longest matching folder is a file's module.
BASE = {"src/base"}
MEDIA = BASE | {"src/media"}
METRICS = BASE | {"src/metrics"}
STREAM = MEDIA | METRICS | {"src/camera", "src/encode"}
SRC = {"src/" + m for m in
       "app base camera encode media metrics net stream wire".split()}
ALLOWED = {
    "src/base": set(),
    "src/media": BASE,
    "src/camera": MEDIA,
    "src/encode": MEDIA,
    "src/wire": MEDIA,
    "src/metrics": BASE,
    "src/stream": STREAM,
    "src/net": MEDIA | METRICS | {"src/stream", "src/wire"},
    "src/app": SRC | {"sim", "web"},
    "sim": MEDIA | {"src/camera"},
    "web": {"src/net"},
    "web/decoder": set(),
    "tools": set(),
    "tests": SRC | {"sim", "web", "web/decoder", "e2e"},
    "tests/bench": SRC | {"sim", "web", "web/decoder", "tests"},
    "e2e": SRC | {"sim", "tests"},
}
ANYWHERE = {"tests", "tests/bench", "e2e"}

# (pattern of an included header, modules that may, whether their headers may too, why)
THIRD_PARTY = [
    (r"boost/(asio|beast)", {"src/net"}, True, "Beast and Asio stay inside src/net"),
    (r"lib(av\w+|swscale|swresample)/", {"src/encode", "src/camera", "sim"}, False,
     "FFmpeg stays in .cc files of src/encode, src/camera and sim"),
    (r"libcamera/", {"src/camera"}, False, "libcamera stays in .cc files of src/camera"),
    (r"spdlog/", {"src/base"}, False, "spdlog stays in .cc files of src/base"),
    (r"prometheus/", {"src/metrics"}, True, "prometheus-cpp stays inside src/metrics"),
    (r"CLI/", {"src/app"}, True, "CLI11 stays inside src/app"),
    (r"toml\+\+/", {"src/app", "sim"}, False, "toml++ stays in .cc files of src/app and sim"),
    (r"(gtest|gmock)/", set(), True, "GoogleTest is for tests"),
]

INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')
OWN_RULE = re.compile(r"\s*cc_(library|binary|test)\(")


def module_of(path):
    """The longest folder in ALLOWED that holds `path`, or None."""
    folder = os.path.dirname(path)
    while folder and folder not in ALLOWED:
        folder = os.path.dirname(folder)
    return folder or None


def check_include(path, quote, header):
    """Why `path` must not include `header`; None if it may."""
    module = module_of(path)
    target = module_of(header)
    if target and target != module:
        if target not in ALLOWED[module]:
            return f"{module} must not depend on {target}"
    if quote == '"' and not target and re.match(r"[\w.]+$", header):
        return "includes are relative to the repository's root"
    for pattern, modules, in_headers, why in THIRD_PARTY:
        if re.match(pattern, header) and module not in ANYWHERE:
            if module not in modules or (path.endswith(".h") and not in_headers):
                return why
    return None


def check_file(path, text):
    """The faults of a source or BUILD file, as printable lines."""
    faults = []
    for number, line in enumerate(text.splitlines(), 1):
        why = None
        if path.endswith(("BUILD", "BUILD.bazel")):
            if OWN_RULE.match(line):
                why = "use //tools:defs.bzl's pistream_cc_* (warnings, clang-tidy)"
        else:
            match = INCLUDE.match(line)
            if match:
                why = check_include(path, match[1], match[2])
        if why:
            faults.append(f"{path}:{number}: {why}: {line.strip()}")
    return faults


def files(root):
    """Every C++ and BUILD file of the checked folders, relative to `root`."""
    for top in sorted({module.split("/")[0] for module in ALLOWED}):
        for folder, folders, names in os.walk(os.path.join(root, top)):
            folders[:] = [f for f in folders if f != "node_modules"]
            for name in names:
                if name.endswith((".h", ".cc")) or name in ("BUILD", "BUILD.bazel"):
                    yield os.path.relpath(os.path.join(folder, name), root)


def main(workspace_file):
    root = os.path.dirname(os.path.realpath(workspace_file))
    count, faults = 0, []
    for path in sorted(files(root)):
        module = module_of(path)
        if module is None:
            faults.append(f"{path}:1: this folder has no rule in tools/lint/layering.py")
            continue
        with open(os.path.join(root, path), encoding="utf-8") as f:
            faults += check_file(path, f.read())
        count += 1
    print("\n".join(faults) if faults else f"{count} files keep the direction of dependencies")
    return 1 if faults or not count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
