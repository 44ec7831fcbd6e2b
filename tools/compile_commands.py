#!/usr/bin/python3
"""Writes compile_commands.json at the repository's root, from Bazel's own list of actions.

Run by `bazel run //tools:compile_commands -- [Bazel's options, --config=rpi for example]`.
"""
import json
import os
import subprocess
import sys


def bazel(*arguments):
    return subprocess.run(["bazel", *arguments], check=True, stdout=subprocess.PIPE).stdout


def entry(action, root, output_base):
    """An action's entry in the file; None if its source is not the repository's."""
    arguments = action["arguments"]
    source = arguments[arguments.index("-c") + 1]
    if source.startswith(("external/", "bazel-out/")):
        return None
    # The execution root contains only the repositories of the last build, the output base all of them.
    external = output_base + "/external/"
    arguments = [a.replace("external/", external, 1) for a in arguments]
    # Another version of Clang, as an editor may have, does not take ours (precompiled_header.bzl). The
    # option's value follows, and what names the file as a dependency.
    if "-include-pch" in arguments:
        at = arguments.index("-include-pch")
        del arguments[at : at + len(["-include-pch", "FILE", "-Xclang", "-fdepfile-entry=FILE"])]
    return {"directory": root, "file": source, "arguments": arguments}


def main(options):
    os.chdir(os.environ["BUILD_WORKSPACE_DIRECTORY"])
    query = 'mnemonic("CppCompile", //...)'
    actions = json.loads(bazel("aquery", "--output=jsonproto", *options, query))["actions"]
    root = bazel("info", "execution_root").decode().strip()
    output_base = bazel("info", "output_base").decode().strip()
    # A source that is compiled for several platforms is named once: as the command line would
    # compile it, if it does, and not as a transition ("-ST-" in its output's path).
    entries = {}
    for action in sorted(actions, key=lambda a: any("-ST-" in word for word in a["arguments"])):
        found = entry(action, root, output_base)
        if found:
            entries.setdefault(found["file"], found)
    with open("compile_commands.json", "w", encoding="utf-8") as f:
        json.dump(list(entries.values()), f, indent=1)
    print(f"compile_commands.json: {len(entries)} sources")


if __name__ == "__main__":
    main(sys.argv[1:])
