#!/usr/bin/python3
"""Several reports become one."""
import json
import os
import sys
import tempfile
import unittest
import zipfile

sys.path.insert(0, os.path.join(os.getcwd(), "tools"))
import e2e_report  # pylint: disable=wrong-import-position


def report(label, failed=0, began="2026-01-01 00:00:00Z", body="<p>body</p>"):
    summary = {
        "label": label, "failed": failed, "passed": 1, "skipped": 0, "seconds": 2.0, "target": "local",
        "startedAt": began,
    }  # fmt: skip
    return (
        f"<!DOCTYPE html>\n<title>{label}</title>\n<body>\n"
        f"<!-- run {json.dumps(summary)} -->\n{body}\n<!-- end of run -->\n</body>\n"
    )


class MergeTest(unittest.TestCase):
    def test_nothing_is_none(self):
        self.assertIsNone(e2e_report.merge([]))

    def test_failed_come_first_then_the_newest(self):
        page = e2e_report.merge([
            report("old", began="2026-01-01 00:00:00Z"),
            report("new", began="2026-01-02 00:00:00Z"),
            report("broken", failed=1, began="2025-01-01 00:00:00Z"),
        ])  # fmt: skip
        places = [page.index(f">{label}</a>") for label in ("broken", "new", "old")]
        self.assertEqual(places, sorted(places))

    def test_bodies_are_there_once_each_with_one_head(self):
        page = e2e_report.merge([report("a", body="<p>one</p>"), report("b", body="<p>two</p>")])
        for text in ("<p>one</p>", "<p>two</p>", "<!DOCTYPE html>", "</html>"):
            self.assertEqual(page.count(text), 1, text)

    def test_labels_are_text(self):
        self.assertIn("&lt;i&gt;", e2e_report.merge([report("<i>")]))


class FindTest(unittest.TestCase):
    def test_finds_zipped_and_plain_ones_and_nothing_else(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in ("a", "b", "c"):
                os.makedirs(f"{folder}/{name}/test.outputs")
            with zipfile.ZipFile(folder + "/a/test.outputs/outputs.zip", "w") as archive:
                archive.writestr("report.html", "zipped")
            with zipfile.ZipFile(folder + "/b/test.outputs/outputs.zip", "w") as archive:
                archive.writestr("other.txt", "other")
            with open(folder + "/c/test.outputs/report.html", "w", encoding="utf-8") as file:
                file.write("plain")
            self.assertEqual(list(e2e_report.reports_below(folder)), ["zipped", "plain"])


if __name__ == "__main__":
    unittest.main()
