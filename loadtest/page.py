"""A report as one page of HTML: nothing is fetched, no script runs, and it reads in light and dark.

Its own policy (Content-Security-Policy in a meta element) allows its style and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from loadtest import svg
from loadtest.compare.goals import RowResult, Verdict
from loadtest.compare.run import Compared
from loadtest.compare.table import shown
from loadtest.histogram import Histogram
from loadtest.report import Report

_NINES = {0.301: "50", 1.0: "90", 2.0: "99", 3.0: "99.9", 4.0: "99.99"}
"""Percentiles spread by how few are beyond them: each step is a tenth of the one before."""

_STYLE = """
:root{color-scheme:light dark;--ink:#1c2024;--soft:#60646c;--edge:#d9d9e0;--back:#fff;--good:#18794e;--bad:#b42318;
--c0:#0b68cb;--c1:#c2410c;--c2:#2b8a3e;--c3:#7048e8;--c4:#a61e4d;--other:#8b8d98}
@media(prefers-color-scheme:dark){:root{--ink:#edeef0;--soft:#b0b4ba;--edge:#43484e;--back:#15171a;--good:#4cc38a;
--bad:#ff9592;--c0:#70b8ff;--c1:#ffa057;--c2:#71d083;--c3:#baa7ff;--c4:#ff92ad;--other:#797b86}}
body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--back);max-width:62rem;margin:2rem auto;
padding:0 1rem}
h1{font-size:1.6rem;margin-bottom:.2rem}h2{font-size:1.2rem;margin-top:2.2rem}
p.about{color:var(--soft);margin-top:0}table{border-collapse:collapse;margin:.8rem 0;font-size:.92rem}
th,td{padding:.3rem .7rem;border-bottom:1px solid var(--edge);text-align:right;font-variant-numeric:tabular-nums}
th:first-child,td:first-child{text-align:left}figure{margin:1.2rem 0}figcaption{font-weight:600;margin-bottom:.3rem}
div.wide{overflow-x:auto}svg{max-width:100%;height:auto;font:12px system-ui,sans-serif}svg text{fill:var(--ink)}
svg .number{fill:var(--soft)}.axis,.grid{fill:none;stroke:var(--edge)}.line{fill:none;stroke-width:2}
.line.c0{stroke:var(--c0)}.line.c1{stroke:var(--c1)}.line.c2{stroke:var(--c2)}.line.c3{stroke:var(--c3)}
.line.c4{stroke:var(--c4)}.bar.c0{fill:var(--c0)}.bar.other{fill:var(--other)}
.good{color:var(--good);font-weight:600}.bad{color:var(--bad);font-weight:600}
"""


def run_page(report: Report) -> str:
    """The page of one run."""
    verdict = '<span class="good">audit passed</span>' if report.passed else '<span class="bad">audit FAILED</span>'
    about = f"{report.viewers:,} viewers, {report.seconds:.1f} seconds &middot; {verdict}"
    sections = (_faults(report), _latencies(report), _over_time(report), _audit(report), _cost(report))
    return _page(f"{report.name}: a run of loadtest", about, sections)


def comparison_page(compared: Compared) -> str:
    """The page of a comparison."""
    plan = compared.plan
    about = f"{escape(compared.machine)} &middot; {plan.viewers:,} viewers, medians of {plan.rounds} rounds"
    return _page("This server beside others", about, map(_row, compared.rows))


def _page(title: str, about: str, sections: Iterable[str]) -> str:
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><style>{_STYLE}</style></head>'
        f'<body><main><h1>{escape(title)}</h1><p class="about">{about}</p>{"".join(sections)}</main></body></html>\n'
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are already safe to show."""
    top = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'


# --- one run


def _faults(report: Report) -> str:
    told = [f'<p class="bad">{escape(fault)}</p>' for fault in report.faults]
    return "".join(told + [f"<p>{escape(warning)}</p>" for warning in report.warnings])


def _latencies(report: Report) -> str:
    durations = {"danmaku to first": report.to_first, "danmaku to last": report.to_last}
    durations |= {method: replies.accepted for method, replies in report.replies.items() if method != "seat"}
    known = {name: durations for name, durations in durations.items() if durations.count}
    rows = [(escape(name), *_points(histogram)) for name, histogram in known.items()]
    chart = svg.lines(
        "Latency by percentile",
        {name: _curve(histogram) for name, histogram in known.items()},
        x="percent that took no longer",
        y="milliseconds",
        log_y=True,
        marks=_NINES,
    )
    table = _table(("milliseconds", "count", "p50", "p99", "p99.9", "longest"), rows)
    return f"<h2>Latency</h2><p>From the moment it was meant to be sent.</p>{chart}{table}"


def _points(durations: Histogram) -> tuple[str, ...]:
    summary = durations.summary()
    return (f"{durations.count:,}", *(f"{summary[name]:,.1f}" for name in ("p50_ms", "p99_ms", "p999_ms", "max_ms")))


def _curve(durations: Histogram) -> list[tuple[float, float]]:
    shares = [number / 20 for number in range(1, 81)]  # up to four nines
    most = min(4.0, max(1.0, len(str(durations.count)) - 1.0))
    return [(at, durations.percentile(100 * (1 - 10**-at)) * 1e3) for at in shares if at <= most]


def _over_time(report: Report) -> str:
    seconds = report.timeline
    busiest = sorted(report.events, key=lambda kind: -report.events[kind])[:5]
    told = {kind: [(float(one.at), float(one.events.get(kind, 0))) for one in seconds] for kind in busiest}
    late = {"danmaku to last": [(float(one.at), one.to_last * 1e3) for one in seconds if one.to_last is not None]}
    charts = svg.lines("What the room told", told, x="second of the run", y="events a second")
    charts += svg.lines("How late the last viewer was, at worst", late, x="second of the run", y="milliseconds")
    return f"<h2>Second by second</h2>{charts}"


def _audit(report: Report) -> str:
    audit = report.audit
    rows = [
        ("batches owed to viewers", f"{audit.owed:,}"),
        ("received", f"{audit.received:,}"),
        ("declared as missing", f"{audit.missed:,} in {audit.gaps:,} gaps"),
        ("lost, doubled, out of order", f"{audit.lost:,}, {audit.doubled:,}, {audit.reordered:,}"),
        ("ids repeated, own danmaku unseen", f"{report.repeated:,}, {report.unseen:,}"),
        ("reconnects", f"{report.reconnects:,}"),
        ("shed, as the room told", escape(", ".join(f"{lane} {n:,}" for lane, n in report.shed.items()) or "nothing")),
        ("bytes per viewer and second", f"{report.bytes_per_viewer / max(report.seconds, 1e-9):,.0f}"),
    ]
    return f"<h2>Audit</h2>{_table(('of every viewer', ''), rows)}"


def _cost(report: Report) -> str:
    spent = report.spent
    if spent is None:
        return ""
    rows = [
        ("CPU seconds", f"{spent.cost.cpu:.2f} ({100 * spent.cost.cpu / max(report.seconds, 1e-9):.0f} % of a core)"),
        ("CPU seconds per million deliveries", f"{spent.micros_per_delivery:.3f}"),
        ("deliveries", f"{spent.deliveries:,}"),
        ("read and write calls", f"{spent.cost.reads:,} and {spent.cost.writes:,}"),
        ("memory, KiB", f"{spent.before.rss + spent.cost.rss:,} ({spent.cost.rss:+,})"),
    ]
    return f"<h2>What it cost the server</h2>{_table(('as the operating system counts', ''), rows)}"


# --- a comparison


def _row(row: RowResult) -> str:
    measured = [case for case in row.cases if case.skipped is None]
    charts = ""
    for column in dict.fromkeys(goal.figure for goal in row.goals):
        values = [(case.label, value, shown(value)) for case in measured if (value := case.median(column)) is not None]
        if len(values) > 1 and len({value for _, value, _ in values}) > 1:
            charts += svg.bars(column.replace("_", " "), values)
    figures = _table(
        ("who", *(name.replace("_", " ") for name in row.columns)), [_figures(row, case.name) for case in row.cases]
    )
    goals = _table(("to be reached", "bound", "median", "rounds", ""), map(_goal, row.verdicts)) if row.goals else ""
    faults = "".join(
        f'<p class="bad">{escape(case.label)}: {escape(one)}</p>' for case in row.cases for one in case.faults
    )
    return f"<h2>{escape(row.title)}</h2>{charts}{figures}{goals}{faults}"


def _figures(row: RowResult, name: str) -> list[str]:
    case = next(case for case in row.cases if case.name == name)
    if case.skipped is not None:
        return [escape(case.label), f"skipped: {escape(case.skipped)}"]
    values = (case.median(column) for column in row.columns)
    return [escape(case.label), *("" if value is None else shown(value) for value in values)]


def _goal(verdict: Verdict) -> list[str]:
    goal = verdict.goal
    word = {True: '<span class="good">reached</span>', False: '<span class="bad">missed</span>', None: "not measured"}
    rounds = " ".join(shown(value) for value in verdict.values)
    median = "" if verdict.median is None else shown(verdict.median)
    sign = "&ge;" if goal.at_least else "&le;"
    return [escape(goal.text), f"{sign} {shown(goal.bound)}", median, rounds, word[verdict.reached]]
