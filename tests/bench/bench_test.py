#!/usr/bin/python3
"""The bench's arithmetic, the page it makes, and what it says when it cannot start."""
import contextlib
import os
import resource
import subprocess
import sys
import unittest
from unittest import mock

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import bench  # pylint: disable=wrong-import-position
import figures  # pylint: disable=wrong-import-position
import page  # pylint: disable=wrong-import-position

RUN = {
    "viewers": 100,
    "pictures": 10,
    "messages": 1000,
    "bytes": 4096000,
    "joins": 0,
    "recovered": 0,
    "spread_ms": {"p50": 2, "p99": 9},
    "join_ms": {"p50": 0, "p99": 0},
    "recovery_ms": {"p50": 0, "p99": 0},
    "cpu_ms_by_thread": {"net-0": 6, "net-1": 1, "pistream": 1, "enc-camera": 50, "camera": 30},
    "rss_anon_kib": [900, 1000],
    "rss_of_one_kib": 208,
}


def experiment(name, pistream, floor=(), figure="cpu_us"):
    sides = {side: [{figure: value} for value in values] for side, values in (("pistream", pistream), ("floor", floor))}
    return {"name": name, "group": "viewers", "x": 100, "against": "floor", "sides": sides}


def tls_experiment(aes, chacha20, plain):
    sides = {
        "pistream": [{"cpu_us": value, "message_kib": 4, "viewer_kib": 20 + value} for value in aes],
        "TLS floor": [{"cpu_us": 10} for _ in aes],
        "plain": [{"cpu_us": value, "viewer_kib": 12} for value in plain],
        "ChaCha20": [{"cpu_us": value} for value in chacha20],
        "ChaCha20 floor": [{"cpu_us": 10} for _ in aes],
    }
    return dict(experiment("1000 viewers, TLS", ()), sides=sides, against="TLS floor", pairs=bench.TLS_PAIRS)


def results(*experiments, machine="this one"):
    return {"machine": machine, "date": "today", "commit": "c", "settings": "s", "experiments": list(experiments)}


class FiguresTest(unittest.TestCase):
    def test_cpu_is_without_the_threads_that_make_pictures(self):
        self.assertEqual(figures.figures_of(RUN)["cpu_us"], 8)

    def test_whole_program_is_of_interest_with_one_viewer_or_none(self):
        self.assertNotIn("picture_cpu_us", figures.figures_of(RUN))
        self.assertEqual(figures.figures_of(dict(RUN, viewers=1))["picture_cpu_us"], 8800)
        bare = {"viewers": 0, "pictures": 10, "cpu_ms_by_thread": {"all": 80}, "rss_anon_kib": [6, 7]}
        self.assertEqual(figures.figures_of(bare), {"picture_cpu_us": 8000, "rss_anon_kib": 7})

    def test_memory_of_a_viewer_is_without_what_the_first_one_takes(self):
        self.assertEqual(figures.figures_of(RUN)["viewer_kib"], 8)
        self.assertNotIn("viewer_kib", figures.figures_of(dict(RUN, viewers=1)))
        joined = dict(RUN, joins=3, join_ms={"p50": 4, "p99": 5})
        self.assertNotIn("viewer_kib", figures.figures_of(joined), "joiners are viewers, too")

    def test_figures_of_what_did_not_happen_are_left_out(self):
        self.assertNotIn("join_p99_ms", figures.figures_of(RUN))
        joined = dict(RUN, joins=3, join_ms={"p50": 4, "p99": 5})
        self.assertEqual(figures.figures_of(joined)["join_p99_ms"], 5)

    def test_ratios_are_pair_by_pair(self):
        pairs = [({"a": 2}, {"a": 1}), ({"a": 9}, {"a": 3})]
        self.assertEqual(figures.ratios(pairs, "a"), [2, 3])

    def test_ratio_without_both_sides_is_none(self):
        self.assertEqual(figures.ratios([({"a": 2}, {}), ({}, {"a": 2}), ({"a": 1}, {"a": 0})], "a"), [])

    def test_runs_that_overlap_are_noise(self):
        self.assertEqual(figures.verdict([1, 2, 3], [2.9, 4, 5])[0], "same")

    def test_runs_apart_are_a_change(self):
        self.assertEqual(figures.verdict([1, 2, 3], [4, 5, 6]), ("worse", 1.5))
        self.assertEqual(figures.verdict([4, 5, 6], [1, 2, 3])[0], "better")

    def test_runs_apart_by_next_to_nothing_are_the_same(self):
        self.assertEqual(figures.verdict([1, 1.001, 1.002], [1.01, 1.011, 1.012])[0], "same")

    def test_comparison_with_a_floor_is_of_ratios(self):
        before = results(experiment("e", [10, 11, 12], [10, 10, 10]))
        slower_machine = results(experiment("e", [20, 22, 24], [20, 20, 20]), machine="another")
        self.assertEqual([row[-1] for row in figures.compare(before, slower_machine)], ["same"])
        regression = results(experiment("e", [14, 15, 16], [10, 10, 10]))
        self.assertEqual([row[-1] for row in figures.compare(before, regression)], ["worse"])

    def test_times_to_join_are_compared_on_one_machine_only(self):
        before = results(experiment("e", [1, 1, 1], figure="join_p99_ms"))
        now = experiment("e", [9, 9, 9], figure="join_p99_ms")
        self.assertEqual(figures.compare(before, results(now, machine="another")), [])
        self.assertEqual([row[-1] for row in figures.compare(before, results(now))], ["worse"])

    def test_goals_of_tls_are_ratios_differences_and_figures(self):
        rows = figures.goals([tls_experiment([12, 10.5, 11], [15, 15, 15], [6, 7, 7])])
        floors = ["pistream / TLS floor", "ChaCha20 / ChaCha20 floor"]
        others = ["pistream / plain", "ChaCha20 / plain", "pistream - plain"]
        self.assertEqual([row[2] for row in rows], floors + others)
        self.assertEqual([row[3] for row in rows], [1.1, 1.5, 11 / 7, 15 / 7, 19])
        self.assertEqual([page.goal_cells(row)[-1] for row in rows], ["reached", "missed", "reached", "missed", "reached"])
        joins = experiment("joins, TLS", [84, 80, 83], figure="join_p99_ms")
        self.assertEqual(figures.goals([joins]), [("joins, TLS", "join_p99_ms", "pistream", 83, 83.3)])

    def test_goals_of_tls_do_not_concern_others(self):
        self.assertEqual(figures.goals([experiment("e", [84], figure="join_p99_ms")]), [])

    def test_experiments_that_are_new_are_not_compared(self):
        self.assertEqual(figures.compare(results(), results(experiment("e", [1]))), [])
        another = dict(experiment("e", [1], [1]), against="peer", sides={"pistream": [{"cpu_us": 1}], "peer": []})
        self.assertEqual(figures.compare(results(experiment("e", [1], [1])), results(another)), [])


class PageTest(unittest.TestCase):
    def test_page_needs_nothing_else_and_shows_both_sides(self):
        text = page.page(results(experiment("e<1>", [10, 11, 12], [8, 9, 10])), [("e", "cpu_us", 1, 2, 1.0, "worse")])
        self.assertNotIn("src=", text)
        self.assertNotIn("href=", text)
        self.assertIn("<svg", text)
        self.assertIn("e&lt;1&gt;", text)
        self.assertIn("worse", text)

    def test_page_of_one_value_is_drawn(self):
        self.assertIn("<svg", page.page(results(experiment("e", [0])), []))


    def test_suites_are_in_one_table_each_beside_its_floor_and_plain_tcp(self):
        row = tls_experiment([12, 12], [15, 15], [6, 6])
        head, *rows = page.cpu_table([experiment("e", [1]), row])
        self.assertEqual(len(head), len(rows[0]))
        one = lambda value: f"{value} ({value}-{value})"
        self.assertEqual(rows, [("1000 viewers, TLS", "4", one(6), one(12), one(10), one(15), one(10))])
        self.assertEqual(list(page.pairings(row)), list(bench.TLS_PAIRS))
        row["sides"]["peer"] = row["sides"]["pistream"]
        self.assertEqual(list(page.pairings(row)), [*bench.TLS_PAIRS, ("pistream", "peer")])
        text = page.page(results(row), [])
        self.assertIn("What TLS costs", text)
        self.assertIn("missed", text)


class BenchTest(unittest.TestCase):
    def bench(self, *arguments, **how):
        path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bench.py")
        return subprocess.run([sys.executable, path, *arguments], capture_output=True, text=True, check=False, **how)

    def test_too_few_open_files_are_said_at_once(self):
        limit = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (200, 200))
        result = self.bench(preexec_fn=limit)
        self.assertEqual(result.returncode, 2)
        self.assertIn("1800 open files are needed, but 200 is the most allowed here", result.stderr)

    def test_experiment_there_is_not_is_said(self):
        result = self.bench("--only", "no such")
        self.assertEqual(result.returncode, 2)
        self.assertIn("no experiment's name contains 'no such'", result.stderr)

    def test_what_cannot_be_measured_does_not_lose_the_rest(self):
        plan = bench.quick_plan()[:2]
        measured = [bench.Failure("too many"), experiment(plan[1]["name"], [1.0], [1.0])]
        with mock.patch.object(bench.Bench, "measure", side_effect=measured):
            found = bench.results_of(bench.options_of([]), plan, "")
        self.assertEqual(found["failures"], [f"{plan[0]['name']}: not measured: too many"])
        self.assertEqual([row["name"] for row in found["experiments"]], [plan[1]["name"]])

    def test_peers_do_what_pistream_does(self):
        row = bench.tls_plan()[0]
        measured = bench.Bench(bench.options_of(["--peer", "older"]), "")
        self.assertEqual(measured.arguments_of(row, "peer"), bench.TLS)
        self.assertEqual(measured.arguments_of(row, "plain"), [])

    def test_nginx_that_is_missing_is_said(self):
        row = bench.tls_plan()[-1]
        with mock.patch.object(bench, "NGINX_PROGRAM", "/nowhere/nginx"), self.assertRaises(bench.Failure) as raised:
            bench.Bench(bench.options_of([]), "").server_of(row, "nginx and plain")
        self.assertIn("apt install nginx-light", str(raised.exception))

    def test_join_without_the_session_of_before_is_said(self):
        row = bench.tls_joins("joins", bench.SINGLE_JOINS)
        row["settings"]["tokens"] = False
        measured = bench.Bench(bench.options_of([]), "")
        run = dict(RUN, joins=3, resumed=2)
        with mock.patch.object(measured, "server_of", return_value=contextlib.nullcontext()):
            with mock.patch.object(measured, "load", return_value=run), self.assertRaises(bench.Failure) as raised:
                measured.run_side(row, "pistream")
        self.assertEqual(str(raised.exception), "of 3 joins only 2 resumed a session")

    def test_server_that_does_not_start_is_said(self):
        result = self.bench("--pistream", "/bin/true", "--only", "single")
        self.assertEqual(result.returncode, 2)
        self.assertIn("/bin/true did not start", result.stderr)


if __name__ == "__main__":
    unittest.main()
