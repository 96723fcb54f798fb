import re
from dataclasses import replace

from loadtest.compare.goals import Case, Goal, RowResult
from loadtest.compare.run import Compared, Comparison
from loadtest.histogram import Histogram
from loadtest.oscost import Cost
from loadtest.page import comparison_page, run_page
from loadtest.report import Second, Spent
from tests.loadtest.test_report import report


def durations(*seconds: float) -> Histogram:
    histogram = Histogram()
    for one in seconds:
        histogram.add(one)
    return histogram


def test_a_run_is_one_page_that_asks_for_nothing() -> None:
    late = durations(*(number / 1000 for number in range(1, 200)))
    seconds = tuple(Second(at=at, events={"danmaku.said": 10 * at}, to_last=at / 100) for at in range(5))
    spent = Spent(cost=Cost(cpu=0.5, reads=3, writes=4, rss=10), deliveries=1000)
    page = run_page(replace(report(), to_first=late, to_last=late, timeline=seconds, spent=spent))
    for expected in ("audit passed", "danmaku to last", "batches owed", "500.000", "How late the last viewer was"):
        assert expected in page
    assert "default-src 'none'" in page
    assert not re.search(r"<script|src=|href=|url\(|@import| style=| on[a-z]+=", page)


def test_what_is_wrong_stands_on_the_page_as_text() -> None:
    page = run_page(replace(report(), faults=("<b>broken</b>",)))
    assert "audit FAILED" in page
    assert "&lt;b&gt;broken&lt;/b&gt;" in page


def test_a_comparison_shows_bars_goals_and_who_was_left_out() -> None:
    cases = [
        Case(name="ours", label="Ours", rounds=[{"cpu": 1.0}], faults=["1 lost"]),
        Case(name="peer", label="Peer", rounds=[{"cpu": 4.0}]),
        Case(name="gone", label="Gone", skipped="not installed"),
    ]
    goals = [Goal(text="half of the peer", figure="cpu", of="ours", to="peer", bound=0.5)]
    row = RowResult(name="storm", title="storm", columns=("cpu",), cases=cases, goals=goals)
    plan = Comparison(rows=(), peers=None, rounds=1, viewers=10, seconds=1.0)
    page = comparison_page(Compared(plan=plan, rows=[row], machine="a machine", seconds=1.0))
    for expected in ("half of the peer", "reached", "skipped: not installed", "Ours: 1 lost", "<svg"):
        assert expected in page
