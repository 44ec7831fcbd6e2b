#!/usr/bin/python3
"""Counts the tests in Bazel's build event files: test_results.py FILE...  (without their .json)

For each phase: what passed, how long it took and which tests took longest, each test that did not
pass, each that was skipped with the reason (`skipped` in tools/defs.bzl), what tests warn of; then
"N passed, N failed". A test counts as failed too if it could not be built or never ran, and so does
a run of Bazel that left no account of its end. Exit code 0 only if something passed and nothing
failed.
"""
import json
import os
import sys


PASSING = {"PASSED", "FLAKY"}
SKIPPED_TAG = "skipped: "
# Of a phase, so many of the tests that took longest are named.
LONGEST = 5


def read_events(path):
    try:
        with open(path, encoding="utf-8") as f:
            return [json.loads(line) for line in f]
    except (OSError, ValueError):
        return []  # Bazel did not start, or was killed in the middle of a line.


def skipped_of(events):
    """The labels of tests that cannot run in this configuration, each with the reason."""
    reasons, skipped = {}, {}
    for event in events:
        kind, key = next(iter(event["id"].items()))
        if kind == "targetConfigured" and "testSize" in event.get("configured", {}):
            tags = event["configured"].get("tag", [])
            reasons[key["label"]] = next(
                (tag[len(SKIPPED_TAG):] for tag in tags if tag.startswith(SKIPPED_TAG)),
                "not for this platform")
        elif kind == "targetCompleted" and event.get("aborted", {}).get("reason") == "SKIPPED":
            if key["label"] in reasons:
                skipped[key["label"]] = reasons[key["label"]]
    return skipped


def warnings_of(events):
    """Warnings of passing tests, as (label, text), from TEST_WARNINGS_OUTPUT_FILE."""
    return [(event["id"]["testResult"]["label"], text)
            for event in events if "testResult" in event
            for text in event["testResult"].get("warning", [])]


def minutes_of(events):
    """How long Bazel took, and each test's own time, longest first, as (minutes, label)."""
    times = {kind: int(event[kind][key]) for event in events
             for kind, key in (("started", "startTimeMillis"), ("finished", "finishTimeMillis"))
             if key in event.get(kind, {})}
    total = (times["finished"] - times["started"]) / 60000 if len(times) == 2 else 0
    tests = [(int(event["testSummary"].get("totalRunDurationMillis", 0)) / 60000,
              event["id"]["testSummary"]["label"]) for event in events if "testSummary" in event]
    return total, sorted(tests, reverse=True)


def results_of(events):
    """Each test's label with its status, and one entry more if Bazel itself failed."""
    results, exit_code = {}, None
    for event in events:
        kind, key = next(iter(event["id"].items()))
        if kind == "targetConfigured" and "testSize" in event.get("configured", {}):
            results[key["label"]] = "DID NOT RUN"
        elif kind == "targetCompleted" and event.get("aborted", {}).get("reason") == "SKIPPED":
            results.pop(key["label"], None)  # Not for this platform.
        elif kind == "targetCompleted" and key["label"] in results:
            if not event.get("completed", {}).get("success"):
                results[key["label"]] = "FAILED TO BUILD"
        elif kind == "testSummary" and "testSummary" in event:
            results[key["label"]] = event["testSummary"].get("overallStatus", "NO STATUS")
        elif kind == "buildFinished":
            exit_code = event.get("finished", {}).get("exitCode", {}).get("code", 0)
    # Failures without a failed test: a target that is not a test, or a package that cannot be loaded.
    if exit_code is None or not results or (exit_code and set(results.values()) <= PASSING):
        results["(bazel itself, see above)"] = "DID NOT RUN"
    return results


def main(phases):
    passed = failed = 0
    for phase in phases:
        events = read_events(phase + ".json")
        results, skipped = results_of(events), skipped_of(events)
        bad = {label: s for label, s in results.items() if s not in PASSING}
        passed += len(results) - len(bad)
        failed += len(bad)
        name = os.path.basename(phase)
        minutes, tests = minutes_of(events)
        print(f"{name}: {len(results) - len(bad)} passed, {len(bad)} failed, {len(skipped)} skipped, "
              f"{minutes:.1f} minutes")
        for label, status in sorted(bad.items()):
            print(f"  {status}: {label} ({name})")
        for label, reason in sorted(skipped.items()):
            print(f"  skipped: {label}: {reason}")
        for taken, label in tests[:LONGEST]:
            print(f"  {taken:.1f} minutes: {label}")
        for label, text in sorted(warnings_of(events)):
            print(f"  warning: {label}: {text}")
    print(f"{passed} passed, {failed} failed")
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
