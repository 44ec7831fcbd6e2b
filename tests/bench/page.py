"""The bench's results as one HTML page that needs no network: tables, and plots as inline SVG."""
import html
import math

import figures

COLOURS = {"pistream": "#0a58ca", "floor": "#6c757d", "healthy viewers only": "#6c757d", "classic path": "#b8860b"}
COLOURS.update({"TLS floor": "#6c757d", "plain": "#157347", "ChaCha20": "#b8860b", "ChaCha20 floor": "#aaa"})
WIDTH, HEIGHT, LEFT, BOTTOM = 460, 260, 60, 36

STYLE = """body{font:15px/1.5 sans-serif;max-width:62em;margin:2em auto;padding:0 1em}
table{border-collapse:collapse;font-size:13px}td,th{padding:2px 10px;text-align:right;border-bottom:1px solid #ddd}
td:first-child,th:first-child,td:nth-child(2),th:nth-child(2){text-align:left}.worse{color:#b00020;font-weight:bold}
.better{color:#157347}svg{margin:0 1em 1em 0}svg text{font:11px sans-serif}"""


def number(value):
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"


def scale(values, length, logarithmic=False):
    """A function from values to 0..length; zero is in it unless it is logarithmic."""
    if logarithmic:
        low, high = math.log(min(values)), math.log(max(values))
        return lambda value: length * (0.5 if high == low else (math.log(value) - low) / (high - low))
    high = max(values) or 1
    return lambda value: length * value / high


def points_of(group, figure):
    """By side: (x, summary) of each experiment of the group that has the figure."""
    sides = {}
    for experiment in group:
        for side, runs in experiment["sides"].items():
            values = [run[figure] for run in runs if figure in run]
            if values:
                sides.setdefault(side, []).append((experiment["x"], figures.summary(values)))
    return {side: sorted(points, key=lambda point: point[0]) for side, points in sides.items()}


def plot(group, figure):
    """One figure against x, a line a side: medians, with bars from the least to the most of the runs."""
    sides = points_of(group, figure)
    if not sides:
        return ""
    points = [point for side in sides.values() for point in side]
    xs, tops = sorted({x for x, _ in points}), [summary["most"] for _, summary in points]
    to_x, to_y = scale(xs, WIDTH - LEFT - 20, logarithmic=True), scale(tops, HEIGHT - BOTTOM - 40)
    at_x = lambda x: LEFT + to_x(x)
    at_y = lambda y: HEIGHT - BOTTOM - to_y(y)
    parts = [f'<text x="8" y="14">{html.escape(figures.FIGURES[figure])}</text>']
    for x in xs:
        parts.append(f'<text x="{at_x(x):.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{x:g}</text>')
    for y in (0, max(tops) / 2, max(tops)):
        parts.append(f'<text x="{LEFT - 6}" y="{at_y(y) + 4:.1f}" text-anchor="end">{number(y)}</text>')
        parts.append(f'<path d="M{LEFT} {at_y(y):.1f}H{WIDTH - 10}" stroke="#ddd"/>')
    for i, (side, line) in enumerate(sorted(sides.items(), reverse=True)):
        colour = COLOURS.get(side, "#000")
        path = "L".join(f"{at_x(x):.1f} {at_y(at['median']):.1f}" for x, at in line)
        parts.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for x, at in line:
            ends = f'M{at_x(x):.1f} {at_y(at["least"]):.1f}V{at_y(at["most"]):.1f}'
            parts.append(f'<path d="{ends}" stroke="{colour}"/>')
            parts.append(f'<circle cx="{at_x(x):.1f}" cy="{at_y(at["median"]):.1f}" r="3" fill="{colour}"/>')
        parts.append(f'<text x="{LEFT + 110 * i}" y="30" fill="{colour}">{html.escape(side)}</text>')
    label = html.escape(group[0]["group"])
    parts.append(f'<text x="{WIDTH / 2}" y="{HEIGHT - 4}" text-anchor="middle">{label}</text>')
    return f'<svg width="{WIDTH}" height="{HEIGHT}">{"".join(parts)}</svg>'


def table(head, rows):
    cells = lambda tag, row: "".join(f"<{tag}>{cell}</{tag}>" for cell in row)
    body = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    return f"<table><tr>{cells('th', head)}</tr>{body}</table>"


def pairings(experiment):
    """Which side is held against which: pistream against all others, a second peer against the first."""
    others = [side for side in experiment["sides"] if side != "pistream"]
    if "pairs" in experiment:
        yield from experiment["pairs"]
        others = [side for side in others if side.startswith("peer")]
    yield from (("pistream", side) for side in others)
    if "peer 2" in others:
        yield "peer 2", "peer"


def side_text(experiment, side, name):
    values = [run[name] for run in experiment["sides"][side] if name in run]
    if not values:
        return ""
    at = figures.summary(values)
    return f"{number(at['median'])} ({number(at['least'])}-{number(at['most'])})"


def figure_rows(experiments):
    """Rows of text: experiment, figure, then for two sides each median (least-most), then the ratio."""
    for experiment in experiments:
        sides = experiment["sides"]
        for name in figures.FIGURES:
            for one, other in pairings(experiment):
                text = side_text(experiment, one, name)
                if not text:
                    continue
                quotients = figures.ratios(list(zip(sides[one], sides[other])), name)
                ratio = number(figures.summary(quotients)["median"]) if quotients else ""
                label = name if one == "pistream" else f"{name} of {one}"
                yield (experiment["name"], label, text, other, side_text(experiment, other, name), ratio)


def cpu_table(experiments):
    """Head and rows of text: of each experiment that compares suites, the CPU of a message by each side."""
    sides = ("plain", "pistream", "TLS floor", "ChaCha20", "ChaCha20 floor")
    yield ("experiment", "KiB a picture", "plain TCP", "AES-128-GCM", "its floor", "ChaCha20", "its floor")
    for experiment in experiments:
        if "ChaCha20" in experiment["sides"]:
            size = figures.summary([run["message_kib"] for run in experiment["sides"]["pistream"]])["median"]
            yield (experiment["name"], number(size), *(side_text(experiment, side, "cpu_us") for side in sides))


def goal_cells(row):
    *about, value, most = row
    return (*about, number(value), number(most), "reached" if value <= most else "missed")


def change_rows(comparison):
    for name, figure, before, now, change, word in comparison:
        yield (name, figure, number(before), number(now), f"{change:+.0%}", word)


def page(results, comparison):
    """The whole page; `comparison` are the rows of figures.compare."""
    escaped = lambda rows: [[html.escape(str(cell)) for cell in row] for row in rows]
    parts = ["<!doctype html><meta charset=utf-8><title>pistream bench</title>", f"<style>{STYLE}</style>"]
    parts.append("<h1>Fan-out, measured</h1>")
    about = "; ".join(str(results[key]) for key in ("date", "commit", "machine", "settings"))
    parts.append(f"<p>{html.escape(about)}</p>")
    parts.append("<p>Each figure is the median of alternating runs, with the least and the most of them.</p>")
    groups = {}
    for experiment in results["experiments"]:
        groups.setdefault(experiment["group"], []).append(experiment)
    for group in groups.values():
        parts.append(f"<h2>{html.escape(group[0]['group'])}</h2>")
        if group[0]["x"] is not None:
            parts.extend(plot(group, figure) for figure in figures.FIGURES)
        head = ("experiment", "figure", "pistream", "beside it", "its figure", "ratio")
        parts.append(table(head, escaped(figure_rows(group))))
    head, *rows = cpu_table(results["experiments"])
    if rows:
        parts.append("<h2>What TLS costs</h2><p>CPU a message, us.</p>")
        parts.append(table(head, escaped(rows)))
    goals = [goal_cells(row) for row in figures.goals(results["experiments"])]
    if goals:
        parts.append("<h2>Goals of TLS</h2>")
        parts.append(table(("experiment", "figure", "of", "median", "at most", ""), escaped(goals)))
    if comparison:
        parts.append("<h2>Against the baseline</h2><p>Ratios to what is beside it, but for times to join.</p>")
        rows = [(*row[:-1], f'<span class="{row[-1]}">{row[-1]}</span>') for row in escaped(change_rows(comparison))]
        parts.append(table(("experiment", "figure", "baseline", "now", "change", ""), rows))
    return "\n".join(parts)
