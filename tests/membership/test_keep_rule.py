"""Which days count on a day, against the calendar itself."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from membership.keep_rule import LONGEST, KeepRule, Window

DAYS = st.dates(date(1999, 1, 1), date(2031, 1, 1)).map(date.toordinal)
RULES = [
    KeepRule(window="rolling", days=1),
    KeepRule(window="rolling", days=90),
    KeepRule(window="rolling", days=LONGEST),
    KeepRule(window="month"),
    KeepRule(window="quarter"),
    KeepRule(window="year"),
]


@pytest.mark.parametrize(
    ("window", "first", "leaves"),
    [
        ("month", "2024-02-01", "2024-03-01"),
        ("quarter", "2024-01-01", "2024-04-01"),
        ("year", "2024-01-01", "2025-01-01"),
        ("rolling", "2023-12-02", "2024-05-29"),
    ],
)
def test_the_window_of_a_leap_day(window: Window, first: str, leaves: str) -> None:
    rule, day = KeepRule(window=window), date(2024, 2, 29).toordinal()
    assert date.fromordinal(rule.first(day)).isoformat() == first
    assert date.fromordinal(rule.leaves(day)).isoformat() == leaves


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.window}-{rule.days}")
@given(day=DAYS)
def test_a_day_counts_until_it_leaves(rule: KeepRule, day: int) -> None:
    leaves = rule.leaves(day)
    assert rule.first(day) <= day < leaves
    assert rule.first(leaves - 1) <= day < rule.first(leaves)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("window", "week"),
        ("downgrade", "often"),
        ("days", 0),
        ("days", LONGEST + 1),
        ("grace", -1),
        ("grace", LONGEST + 1),
        ("warn", -1),
        ("warn", LONGEST + 1),
    ],
)
def test_a_rule_that_is_none_is_refused_by_the_name_of_its_field(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=f"^{field} must be "):
        replace(KeepRule(), **{field: value})  # type: ignore[arg-type]  # wrong on purpose


def test_without_a_window_nothing_passes_away() -> None:
    assert KeepRule().lasting
    assert not any(rule.lasting for rule in RULES)
