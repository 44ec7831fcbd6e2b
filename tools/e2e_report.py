#!/usr/bin/python3
"""Puts the reports of the last end-to-end tests into one file: e2e_report.py OUTPUT TESTLOGS...

Each test left a report.html among its outputs (e2e/report/), in outputs.zip or, as Bazel was told,
beside it. OUTPUT opens with a table of them; the newest and the failed come first.
"""
import html
import json
import os
import re
import sys
import zipfile

RUN = re.compile(r"<!-- run (\{.*?\}) -->\n(.*?)\n<!-- end of run -->", re.DOTALL)
HEAD = re.compile(r"^.*?<body>\n", re.DOTALL)


def reports_below(folder):
    """The text of every report."""
    for parent, _, files in sorted(os.walk(folder, followlinks=True)):
        if "report.html" in files:
            with open(os.path.join(parent, "report.html"), encoding="utf-8") as file:
                yield file.read()
        if "outputs.zip" in files:
            with zipfile.ZipFile(os.path.join(parent, "outputs.zip")) as archive:
                if "report.html" in archive.namelist():
                    yield archive.read("report.html").decode("utf-8")


def summary_table(summaries):
    """The result of every run, with links to the runs below."""
    rows = []
    for number, run in enumerate(summaries):
        verdict = "failed" if run["failed"] else "passed"
        counts = f"{run['passed']} passed, {run['failed']} failed, {run['skipped']} skipped"
        cells = [
            f'<a href="#run{number}">{html.escape(run["label"])}</a>',
            html.escape(run.get("target") or ""),
            f'<b class="{verdict}">{counts}</b>',
            f"{run['seconds']:.0f} s",
            html.escape(run["startedAt"]),
        ]
        rows.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    head = "<tr><th>test</th><th>target</th><th></th><th>took</th><th>began</th></tr>"
    return f'<div class="card"><table>{head}{"".join(rows)}</table></div>'


def merge(reports):
    """Merges several pages into one; None if there are none."""
    runs = [
        (json.loads(summary), body, HEAD.match(report).group())
        for report in reports
        for summary, body in RUN.findall(report)
    ]
    if not runs:
        return None
    # Sorts are stable: by time, and failures before the rest.
    runs.sort(key=lambda run: run[0]["startedAt"], reverse=True)
    runs.sort(key=lambda run: run[0]["failed"] == 0)
    newest_head = max(runs, key=lambda run: run[0]["startedAt"])[2]
    parts = [
        re.sub("<title>.*?</title>", "<title>pistream: end-to-end tests</title>", newest_head),
        "<h1>pistream: end-to-end tests</h1>\n",
        summary_table([summary for summary, _, _ in runs]),
    ]
    for number, (_, body, _) in enumerate(runs):
        parts.append(f'<div id="run{number}" style="margin-top: 60px">\n{body}\n</div>')
    return "\n".join(parts) + "\n</body>\n</html>\n"


def main(output, *testlogs):
    page = merge(report for folder in testlogs for report in reports_below(folder))
    if page is None:
        sys.exit("no end-to-end test has left a report yet. Run one: bazel test //e2e:pictures_test")
    with open(output, "w", encoding="utf-8") as file:
        file.write(page)


if __name__ == "__main__":
    main(*sys.argv[1:])
