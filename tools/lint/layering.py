#!/usr/bin/python3
"""Which folders may include a library's headers: layering.py WORKSPACE_FILE

THIRD_PARTY is the rules. Prints each line that breaks one. Bazel's visibility (src/BUILD.bazel)
enforces the direction of dependencies between the project's own modules.
"""
import os
import re
import sys

# Folders that are checked, and those of them where any library may be used.
FOLDERS = ["src", "sim", "web", "tools", "tests", "e2e"]
ANYWHERE = ("tests/", "e2e/")

# (pattern of an included header, folders that may, whether their headers may too, why)
NETWORK = ["src/net", "src/http", "src/viewer", "src/server"]
THIRD_PARTY = [
    (r"boost/(asio|beast)", NETWORK, True,
     "Beast and Asio stay inside src/net, src/http, src/viewer and src/server"),
    (r"lib(av\w+|swscale|swresample)/",
     ["src/convert", "src/encode", "src/camera/avformat", "src/output", "sim"], False,
     "FFmpeg stays in .cc files of src/convert, src/encode, src/camera/avformat, src/output and sim"),
    (r"libcamera/", ["src/camera/libcamera"], False,
     "libcamera stays in .cc files of src/camera/libcamera"),
    (r"spdlog/", ["src/base"], False, "spdlog stays in .cc files of src/base"),
    (r"prometheus/", ["src/metrics"], True, "prometheus-cpp stays inside src/metrics"),
    (r"CLI/", ["src/app"], True, "CLI11 stays inside src/app"),
    (r"toml\+\+/", ["src/app", "sim"], False, "toml++ stays in .cc files of src/app and sim"),
    (r"(gtest|gmock)/", [], True, "GoogleTest is for tests"),
]

INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')
OWN_RULE = re.compile(r"\s*cc_(library|binary|test)\(")


def is_in(path, folders):
    return any(path.startswith(folder + "/") for folder in folders)


def check_include(path, quote, header):
    """Why `path` must not include `header`; None if it may."""
    if quote == '"' and re.match(r"[\w.]+$", header):
        return "includes are relative to the repository's root"
    if path.startswith(ANYWHERE):
        return None
    for pattern, folders, in_headers, why in THIRD_PARTY:
        if re.match(pattern, header):
            if not is_in(path, folders) or (path.endswith(".h") and not in_headers):
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
    for top in FOLDERS:
        for folder, folders, names in os.walk(os.path.join(root, top)):
            folders[:] = [f for f in folders if f != "node_modules"]
            for name in names:
                if name.endswith((".h", ".cc")) or name in ("BUILD", "BUILD.bazel"):
                    yield os.path.relpath(os.path.join(folder, name), root)


def main(workspace_file):
    root = os.path.dirname(os.path.realpath(workspace_file))
    count, faults = 0, []
    for path in sorted(files(root)):
        with open(os.path.join(root, path), encoding="utf-8") as f:
            faults += check_file(path, f.read())
        count += 1
    print("\n".join(faults) if faults else f"{count} files keep libraries in their folders")
    return 1 if faults or not count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
