#!/usr/bin/python3
"""Counts what the operations of the hot path take, in instructions: instructions.py [--record] PROGRAM

callgrind counts the same from run to run, whatever else the machine does, where time is noise. The
counts are compared with baseline.json's for the same version of libavcodec and the same processor
features: one that is 0.5 % more fails, and the functions that grew are named. Where there is no such
baseline, two runs must count the same, and the missing one is reported. --record writes it.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import tempfile

TOLERANCE = 0.005
# Of an operation's count: a function that takes less is in "the rest".
WORTH_A_NAME = 0.0002

# How often each is carried out. Pictures: two GOPs. Messages: ten pictures to a hundred viewers.
OPERATIONS = {"encode_picture": 48, "convert_nv12": 4, "convert_yuyv": 4, "deliver_message": 1000}

BASELINE = "tests/instructions/baseline.json"


class Failure(Exception):
    """Nothing can be counted; the text says why."""


def self_costs(profile):
    """What each function took by itself, without those that it called, from callgrind's file.

    Of a library without symbols, all functions are one, by the library's name.
    """
    names, objects, costs = {}, {}, {}
    function = library = None
    is_call = False
    for line in profile.splitlines():
        match = re.match(r"(ob|fn)=\((\d+)\)(?: (.*))?$", line)
        if match:
            table = objects if match[1] == "ob" else names
            if match[3] is not None:
                table[match[2]] = match[3]
            if match[1] == "ob":
                library = os.path.basename(table[match[2]])
            else:
                function = re.sub(r"'\d+$", "", table[match[2]])
        elif re.match(r"c(fn|ob|fi|fl)=", line):
            match = re.match(r"c(fn|ob)=\((\d+)\) (.*)$", line)
            if match:
                (names if match[1] == "fn" else objects)[match[2]] = match[3]
        elif line.startswith("calls="):
            is_call = True
        elif re.match(r"[+*\d-]\S* \d+$", line):
            # The line behind `calls=` is what the called function took.
            if not is_call:
                name = library if re.match(r"0x[0-9a-f]+$", function) else function
                costs[name] = costs.get(name, 0) + int(line.split()[-1])
            is_call = False
    return costs


def count(program, operation):
    """One run: (what the count depends on, {function: instructions a time})."""
    times = OPERATIONS[operation]
    with tempfile.TemporaryDirectory(dir=os.environ.get("TEST_TMPDIR")) as folder:
        out = folder + "/callgrind.out"
        command = ["/usr/bin/valgrind", "--tool=callgrind", f"--callgrind-out-file={out}",
                   "--collect-atstart=no", "--toggle-collect=pistream_counted",
                   program, operation, str(times)]
        # An environment of its own: its size moves the stack, and with it what memcpy does.
        done = subprocess.run(command, env={"LC_ALL": "C"}, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Failure(f"{' '.join(command)} failed:\n{done.stderr}")
        with open(out, encoding="utf-8") as file:
            costs = self_costs(file.read())
    if not costs:
        raise Failure(f"callgrind counted nothing within pistream_counted():\n{done.stderr}")
    return done.stdout.strip(), {name: cost / times for name, cost in costs.items()}


def summary(costs):
    """As a baseline keeps it: the total, and the functions that are worth a name."""
    total = sum(costs.values())
    named = {name: round(cost) for name, cost in costs.items() if cost >= total * WORTH_A_NAME}
    # A delivered message takes so few that whole numbers are too coarse for the tolerance.
    return {"instructions": round(total, 2), "functions": named}


def growth(before, after):
    """The functions that take more than before, the one that grew most first, as printable lines."""
    lines = []
    for name in before["functions"].keys() | after["functions"].keys():
        old, new = before["functions"].get(name, 0), after["functions"].get(name, 0)
        if new > old:
            lines.append((new - old, f"    {name}: {old} -> {new} (+{new - old})"))
    return [line for _, line in sorted(lines, reverse=True)]


def compare(operation, before, after):
    """(whether it is good enough, printable lines)."""
    old, new = before["instructions"], after["instructions"]
    change = f"{operation}: {old} -> {new} instructions ({(new - old) / old:+.2%})"
    if new > old * (1 + TOLERANCE):
        return False, [f"{change}: more than {TOLERANCE:.1%} more. What grew:"] + growth(before, after)
    if new < old * (1 - TOLERANCE):
        return True, [f"{change}: less. Keep it: bazel run //tests/instructions:record"]
    return True, [change]


def warn(text):
    """Bazel shows it beside the test's result, and ./dev test at its end."""
    print(text)
    if "TEST_WARNINGS_OUTPUT_FILE" in os.environ:
        with open(os.environ["TEST_WARNINGS_OUTPUT_FILE"], "a", encoding="utf-8") as file:
            file.write(text + "\n")


def test(program, baselines):
    key, counts = count_all(program)
    baseline = baselines.get(key)
    if baseline is None:
        warn(f"no baseline for {key}: run 'bazel run //tests/instructions:record' to record it. "
             "Compared with a second run only")
        _, baseline = count_all(program)
    passed = True
    for operation, counted in counts.items():
        if operation not in baseline:
            print(f"{operation}: not in the baseline: run 'bazel run //tests/instructions:record'")
            passed = False
            continue
        good, lines = compare(operation, baseline[operation], counted)
        if key not in baselines and counted != baseline[operation]:
            good, lines = False, [f"{operation}: two runs counted differently: {baseline[operation]} and {counted}"]
        passed = passed and good
        print("\n".join(lines))
    return passed


def count_all(program):
    keys, counts = set(), {}
    for operation in OPERATIONS:
        key, costs = count(program, operation)
        keys.add(key)
        counts[operation] = summary(costs)
    if len(keys) != 1:
        raise Failure(f"the program says different things of the machine: {keys}")
    return keys.pop(), counts


def record(program, path):
    with open(path, encoding="utf-8") as file:
        baselines = json.load(file)
    key, counts = count_all(program)
    baselines[key] = counts
    with open(path, "w", encoding="utf-8") as file:
        json.dump(baselines, file, indent=1, sort_keys=True)
        file.write("\n")
    for operation, counted in counts.items():
        print(f"{operation}: {counted['instructions']} instructions")
    print(f"recorded for {key}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--record", action="store_true")
    parser.add_argument("program")
    options = parser.parse_args()
    program = os.path.abspath(options.program)
    try:
        if options.record:
            record(program, os.path.join(os.environ["BUILD_WORKSPACE_DIRECTORY"], BASELINE))
            return 0
        with open(BASELINE, encoding="utf-8") as file:
            return 0 if test(program, json.load(file)) else 1
    except Failure as failure:
        print(failure)
        return 1


if __name__ == "__main__":
    sys.exit(main())
