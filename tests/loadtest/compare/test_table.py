import io

import pytest
from rich.console import Console

from loadtest.compare.goals import Case, Goal, RowResult
from loadtest.compare.run import Compared, Comparison
from loadtest.compare.table import print_comparison, shown

ROW = RowResult(
    name="storm",
    title="storm: many",
    columns=("cpu",),
    cases=[
        Case(name="ours", label="Ours", rounds=[{"cpu": 1.0}], faults=["1 lost, 0 doubled"]),
        Case(name="peer", label="Peer", skipped="not installed"),
    ],
    goals=[
        Goal(text="cheaper", figure="cpu", of="ours", bound=0.5),
        Goal(text="half", figure="cpu", of="ours", to="peer", bound=1),
    ],
)


def test_a_person_sees_figures_reasons_goals_and_faults() -> None:
    plan = Comparison(rows=(), peers=None, rounds=1, viewers=10, seconds=1.0)
    said = io.StringIO()
    print_comparison(Compared(plan=plan, rows=[ROW], machine="a machine", seconds=1.0), Console(file=said, width=200))
    for expected in ("a machine", "skipped: not installed", "≤ 0.5", "not measured", "audit of Ours: 1 lost", "FAILED"):
        assert expected in said.getvalue()


@pytest.mark.parametrize(("value", "text"), [(0.08333, "0.0833"), (12.34, "12.3"), (123456.0, "123,456")])
def test_figures_have_three_digits_that_count(value: float, text: str) -> None:
    assert shown(value) == text
