"""The arithmetic of the bench: figures of a run, medians of pairs, what is a regression and what is noise."""
import statistics

# Of each run: how a figure is made from what the load generator tells.
FIGURES = {
    "cpu_us": "server CPU a delivered message, encode excluded, us",
    "picture_cpu_us": "CPU of the whole program a picture, us",
    "spread_p50_ms": "first to last viewer of one picture, median, ms",
    "spread_p99_ms": "first to last viewer of one picture, p99, ms",
    "rss_anon_kib": "private memory, KiB",
    "viewer_kib": "private memory a viewer, from the second on, KiB",
    "join_p50_ms": "connect to a live picture, median, ms",
    "join_p99_ms": "connect to a live picture, p99, ms",
    "recovery_p99_ms": "reading again to a live picture, p99, ms",
}

def makes_pictures(thread):
    """Whether this thread makes the pictures. All others are the fan-out."""
    return thread in ("camera", "encoder") or thread.startswith("enc-")


# Of TLS: the most that a figure of one side may be, as a ratio to another side's ("/"), beyond it ("-") or alone ("").
# Where an experiment has these sides. Joins: two frame times.
GOALS = (
    ("cpu_us", "pistream", "/", "TLS floor", 1.10),
    ("cpu_us", "ChaCha20", "/", "ChaCha20 floor", 1.10),
    ("cpu_us", "pistream", "/", "plain", 1.6),
    ("cpu_us", "ChaCha20", "/", "plain", 2.0),
    ("cpu_us", "pistream", "/", "nginx and plain", 0.5),
    ("viewer_kib", "pistream", "-", "plain", 20),
    ("join_p50_ms", "pistream", "", "", 83.3),
    ("join_p99_ms", "pistream", "", "", 83.3),
)

# These are compared as they are, and on one machine only; all others as ratios to what is beside them.
ABSOLUTE = {"join_p50_ms", "join_p99_ms", "recovery_p99_ms"}

# A difference smaller than this is not worth a word, however steady.
LEAST_CHANGE = 0.03


def figures_of(run):
    """A run's figures by name; `run` is the load generator's account of it."""
    cpu_ms = run["cpu_ms_by_thread"]
    figures = {"rss_anon_kib": run["rss_anon_kib"][1]}
    if run["viewers"] <= run.get("streams", 1):
        figures["picture_cpu_us"] = sum(cpu_ms.values()) * 1000 / max(1, run["pictures"])
    if run["viewers"] == 0:
        return figures
    fan_out_ms = sum(ms for name, ms in cpu_ms.items() if not makes_pictures(name))
    figures["cpu_us"] = fan_out_ms * 1000 / max(1, run["messages"])
    figures["message_kib"] = run["bytes"] / 1024 / max(1, run["messages"])
    if run["viewers"] > 1 and not run["joins"]:
        figures["viewer_kib"] = (run["rss_anon_kib"][1] - run["rss_of_one_kib"]) / (run["viewers"] - 1)
    figures["spread_p50_ms"] = run["spread_ms"]["p50"]
    figures["spread_p99_ms"] = run["spread_ms"]["p99"]
    if run["joins"]:
        figures["join_p50_ms"] = run["join_ms"]["p50"]
        figures["join_p99_ms"] = run["join_ms"]["p99"]
    if run["recovered"]:
        figures["recovery_p99_ms"] = run["recovery_ms"]["p99"]
    return figures


def summary(values):
    """Of a list of numbers: its median and its ends."""
    return {"median": statistics.median(values), "least": min(values), "most": max(values)}


def ratios(pairs, name):
    """Of pairs (one side's figures, the other side's): the ratio in each, for the figure `name`."""
    return [one[name] / other[name] for one, other in pairs if name in one and other.get(name)]


def goal_values(sides, figure, side, sign, other):
    """By run."""
    mine = sides.get(side, ())
    if not sign:
        return [run[figure] for run in mine if figure in run]
    pairs = list(zip(mine, sides.get(other, ())))
    if sign == "/":
        return ratios(pairs, figure)
    return [one[figure] - two[figure] for one, two in pairs if figure in one and figure in two]


def goals(experiments):
    """Rows (experiment, figure, what of which sides, median, the most it may be) of the experiments with TLS."""
    rows = []
    for experiment in experiments:
        for figure, side, sign, other, most in GOALS if "TLS" in experiment["name"] else ():
            values = goal_values(experiment["sides"], figure, side, sign, other)
            if values:
                rows.append((experiment["name"], figure, f"{side} {sign} {other}".strip(), statistics.median(values), most))
    return rows


def verdict(before, now):
    """Whether a figure, of which less is better, changed between two lists of runs.

    Noise is what overlaps: of five runs against five, all of one above all of the other happens by
    chance once in 252 times each way. "worse" and "better" need that, and LEAST_CHANGE of medians.
    """
    change = statistics.median(now) / statistics.median(before) - 1 if statistics.median(before) else 0
    if min(now) > max(before) and change > LEAST_CHANGE:
        return "worse", change
    if max(now) < min(before) and change < -LEAST_CHANGE:
        return "better", change
    return "same", change


def comparable(experiment, name):
    """What to compare over time of an experiment's figure: numbers of which less is better."""
    sides = experiment["sides"]
    if name in ABSOLUTE:
        return [run[name] for run in sides["pistream"] if name in run]
    return ratios(list(zip(sides["pistream"], sides[experiment["against"]])), name)


def compare(baseline, results):
    """Rows (experiment, figure, median before, median now, change, verdict) of what both have."""
    same_machine = baseline["machine"] == results["machine"]
    # Compared with something else, it is another experiment.
    old = {(experiment["name"], experiment["against"]): experiment for experiment in baseline["experiments"]}
    rows = []
    for experiment in results["experiments"]:
        key = experiment["name"], experiment["against"]
        for name in FIGURES if key in old else ():
            before, now = comparable(old[key], name), comparable(experiment, name)
            if before and now and (same_machine or name not in ABSOLUTE):
                word, change = verdict(before, now)
                medians = statistics.median(before), statistics.median(now)
                rows.append((experiment["name"], name, *medians, change, word))
    return rows
