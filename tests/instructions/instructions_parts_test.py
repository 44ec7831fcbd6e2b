#!/usr/bin/python3
"""What instructions.py makes of callgrind's files and of a baseline."""
import os
import sys
import unittest
from unittest import mock

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
import instructions  # noqa: E402

PROFILE = """\
# callgrind format
version: 1
positions: line
events: Ir
summary: 1130

ob=(1) /usr/bin/program
fl=(1) main.cc
fn=(1) Encode(Frame const&)
16 20
+3 10
cob=(2) /usr/lib/libavcodec.so.59
cfi=(2) ???
cfn=(2) 0x00000000001234a0
calls=2 0
* 1000
-1 5

ob=(2)
fl=(2)
fn=(2)
0 600
cfn=(3) 0x00000000001234f0
calls=1 0
0 400

fn=(3)
0 300
cob=(1)
cfn=(4) Helper'2
calls=1 0
0 100

ob=(1)
fn=(4)
9 95

totals: 1130
"""


def counted(**functions):
    return {"instructions": sum(functions.values()), "functions": functions}


class Instructions(unittest.TestCase):
    def test_own_costs_without_those_of_calls(self):
        self.assertEqual(
            instructions.self_costs(PROFILE),
            {"Encode(Frame const&)": 35, "libavcodec.so.59": 900, "Helper": 95})

    def test_summary_names_what_is_worth_it(self):
        self.assertEqual(
            instructions.summary({"Encode": 9000.4, "memcpy": 1000.2, "rare": 1}),
            {"instructions": 10001.6, "functions": {"Encode": 9000, "memcpy": 1000}})

    def test_within_the_tolerance_is_good(self):
        good, lines = instructions.compare("encode", counted(Encode=100000), counted(Encode=100499))
        self.assertTrue(good)
        self.assertEqual(lines, ["encode: 100000 -> 100499 instructions (+0.50%)"])

    def test_half_a_percent_more_names_what_grew_first(self):
        before = counted(Encode=100000, Copy=1000, Plan=500)
        after = counted(Encode=99900, Copy=1900, Plan=540, Check=300)
        good, lines = instructions.compare("encode", before, after)
        self.assertFalse(good)
        self.assertIn("more than 0.5% more", lines[0])
        self.assertEqual(lines[1:], ["    Copy: 1000 -> 1900 (+900)", "    Check: 0 -> 300 (+300)",
                                     "    Plan: 500 -> 540 (+40)"])

    def test_less_is_good_and_to_be_recorded(self):
        good, lines = instructions.compare("encode", counted(Encode=1000), counted(Encode=900))
        self.assertTrue(good)
        self.assertIn("record", lines[0])

    def run_test(self, baselines, *runs):
        with mock.patch.object(instructions, "count_all", side_effect=[("key", run) for run in runs]), \
                mock.patch.object(instructions, "warn") as warn:
            return instructions.test("program", baselines), warn.call_args_list

    def test_with_a_baseline_one_run_is_enough(self):
        baseline = {"encode": counted(Encode=1000)}
        self.assertEqual(self.run_test({"key": baseline}, baseline), (True, []))
        self.assertEqual(self.run_test({"key": baseline}, {"encode": counted(Encode=1006)}), (False, []))

    def test_operation_that_the_baseline_does_not_have_fails(self):
        run = {"encode": counted(Encode=1000), "deliver": counted(Send=10)}
        self.assertEqual(self.run_test({"key": {"encode": counted(Encode=1000)}}, run), (False, []))

    def test_without_a_baseline_says_so_and_compares_two_runs(self):
        run = {"encode": counted(Encode=1000)}
        good, warnings = self.run_test({"other": run}, run, run)
        self.assertTrue(good)
        self.assertIn("no baseline for key: run 'bazel run //tests/instructions:record'", warnings[0].args[0])

    def test_without_a_baseline_two_runs_that_differ_fail(self):
        good, _ = self.run_test({}, {"encode": counted(Encode=1000)}, {"encode": counted(Encode=1001)})
        self.assertFalse(good)


if __name__ == "__main__":
    unittest.main()
