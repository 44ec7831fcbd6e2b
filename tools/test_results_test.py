#!/usr/bin/python3
"""test_results.py counts every test that did not pass as failed, whatever the reason."""
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
import test_results  # noqa: E402


def configured(label, *tags):
    return {"id": {"targetConfigured": {"label": label}},
            "configured": {"testSize": "SMALL", "tag": list(tags)}}


def completed(label, **outcome):
    return {"id": {"targetCompleted": {"label": label}}, **outcome}


def summary(label, status):
    return {"id": {"testSummary": {"label": label}}, "testSummary": {"overallStatus": status}}


def finished(code):
    return {"id": {"buildFinished": {}}, "finished": {"exitCode": {"code": code}}}


class TestResults(unittest.TestCase):
    def test_passed_and_failed(self):
        results = test_results.results_of([
            configured("//:a"), completed("//:a", completed={"success": True}),
            summary("//:a", "PASSED"),
            configured("//:b"), completed("//:b", completed={"success": True}),
            summary("//:b", "TIMEOUT"), finished(3)])
        self.assertEqual(results, {"//:a": "PASSED", "//:b": "TIMEOUT"})

    def test_not_built(self):
        results = test_results.results_of(
            [configured("//:a"), completed("//:a", completed={}), finished(1)])
        self.assertEqual(results, {"//:a": "FAILED TO BUILD"})

    def test_never_ran(self):
        results = test_results.results_of(
            [configured("//:a"), completed("//:a", completed={"success": True}), finished(3)])
        self.assertEqual(results, {"//:a": "DID NOT RUN"})

    def test_skipped_on_this_platform(self):
        results = test_results.results_of([
            configured("//:a"), completed("//:a", aborted={"reason": "SKIPPED"}),
            configured("//:b"), summary("//:b", "PASSED"), finished(0)])
        self.assertEqual(results, {"//:b": "PASSED"})

    def test_skipped_with_its_reason(self):
        skipped = test_results.skipped_of([
            configured("//:a", "heavy", "skipped: no camera"),
            configured("//:b"), configured("//:c", "skipped: never"),
            {"id": {"targetConfigured": {"label": "//:library"}}, "configured": {}},
            completed("//:a", aborted={"reason": "SKIPPED"}),
            completed("//:b", aborted={"reason": "SKIPPED"}),
            completed("//:library", aborted={"reason": "SKIPPED"}),
            completed("//:c", completed={"success": True}), summary("//:c", "PASSED"), finished(0)])
        self.assertEqual(skipped, {"//:a": "no camera", "//:b": "not for this platform"})

    def test_warnings_of_a_test_that_passed(self):
        result = {"id": {"testResult": {"label": "//:a", "run": 1}},
                  "testResult": {"status": "PASSED", "warning": ["no baseline"]}}
        self.assertEqual(test_results.warnings_of([configured("//:a"), result, finished(0)]),
                         [("//:a", "no baseline")])

    def test_minutes_of_the_phase_and_of_its_tests(self):
        long = summary("//:long", "PASSED")
        long["testSummary"]["totalRunDurationMillis"] = "90000"
        started = {"id": {"started": {}}, "started": {"startTimeMillis": "60000"}}
        end = finished(0)
        end["finished"]["finishTimeMillis"] = "240000"
        self.assertEqual(
            test_results.minutes_of([started, summary("//:short", "PASSED"), long, end]),
            (3.0, [(1.5, "//:long"), (0.0, "//:short")]))
        self.assertEqual(test_results.minutes_of([started]), (0, []))

    def test_bazel_failed_before_the_tests(self):
        one = [configured("//:a"), summary("//:a", "PASSED")]
        for events in [], [finished(2)], [finished(4)], one, one + [finished(1)]:
            self.assertIn("DID NOT RUN", test_results.results_of(events).values())


if __name__ == "__main__":
    unittest.main()
