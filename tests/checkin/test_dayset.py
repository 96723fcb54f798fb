"""A day set does what a Python set of dates does, at the price of a few integer operations."""

import json
from calendar import isleap
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from checkin.dayset import EMPTY, DaySet

ONE = timedelta(1)


def span(first: str, last: str) -> list[date]:
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    return [start + n * ONE for n in range((end - start).days + 1)]


near = st.dates(date(2023, 11, 1), date(2024, 4, 1))  # a change of year and a 29 February, close enough to make runs
days = st.one_of(near, near, st.dates(date(1995, 1, 1), date(2035, 12, 31)))
dense = st.integers(0, 2**150 - 1).map(lambda bits: {date(2023, 11, 1) + n * ONE for n in range(150) if bits >> n & 1})
sets = st.one_of(
    st.sets(days, max_size=30), dense, dense.map(lambda gaps: set(span("2023-11-01", "2024-04-01")) - gaps)
)


def walked_run(model: set[date], day: date) -> int:
    length = 0
    while day in model:
        length, day = length + 1, day - ONE
    return length


def size(days: DaySet) -> int:
    return len(json.dumps(days.to_json(), separators=(",", ":")))


# --- it is a set of dates --------------------------------------------------------------------------------------------


@given(sets)
def test_it_holds_what_it_was_made_of(model: set[date]) -> None:
    days = DaySet.of(model)
    assert list(days) == sorted(model)
    assert len(days) == len(model)
    assert (days.first, days.last) == (min(model, default=None), max(model, default=None))


@given(sets, days)
def test_add_and_contains(model: set[date], day: date) -> None:
    assert (day in DaySet.of(model)) == (day in model)
    assert DaySet.of(model).add(day) == DaySet.of(model | {day})


@given(sets, sets)
def test_union(one: set[date], other: set[date]) -> None:
    assert DaySet.of(one) | DaySet.of(other) == DaySet.of(one | other)


@given(sets, st.randoms(use_true_random=False))
def test_equal_sets_are_equal_values_in_whatever_order_they_grew(model: set[date], chance: object) -> None:
    grown = EMPTY
    for day in sorted(model, key=lambda day: (day.day, day)):
        grown = grown.add(day)
    assert grown == DaySet.of(model)
    assert hash(grown) == hash(DaySet.of(model))


@given(sets, near)
def test_month(model: set[date], day: date) -> None:
    expected = sorted(d for d in model if (d.year, d.month) == (day.year, day.month))
    assert DaySet.of(model).month(day.year, day.month) == expected


@given(sets, days, days)
def test_count(model: set[date], first: date, last: date) -> None:
    assert DaySet.of(model).count(first, last) == sum(first <= day <= last for day in model)


# --- runs ------------------------------------------------------------------------------------------------------------


@given(sets, near)
def test_the_run_ending_at_a_day(model: set[date], day: date) -> None:
    assert DaySet.of(model).run_ending(day) == walked_run(model, day)


@given(sets)
def test_the_longest_run(model: set[date]) -> None:
    assert DaySet.of(model).longest_run() == max((walked_run(model, day) for day in model), default=0)


@given(sets, sets)
@example({date(2024, 1, 1), date(2024, 1, 4)}, {date(2024, 1, 2), date(2024, 1, 3)})
def test_the_longest_run_across_neutral_days(model: set[date], neutral: set[date]) -> None:
    longest = run = 0
    last = None
    for day in sorted(model):
        between = range(day.toordinal() - 1, (last or day).toordinal(), -1)
        run = run + 1 if last and all(date.fromordinal(n) in neutral for n in between) else 1
        longest, last = max(longest, run), day
    assert DaySet.of(model).longest_run(across=DaySet.of(neutral)) == longest


def test_T24_a_run_goes_over_months_years_and_leap_days() -> None:  # noqa: N802 - a row of the table
    days = DaySet.of(span("2019-06-01", "2028-03-01"))
    assert days.run_ending(date(2028, 3, 1)) == days.longest_run() == len(days) == 3197
    for first, second in pairwise(("2027-12-31", "2028-01-01", "2028-01-02")):
        assert days.run_ending(date.fromisoformat(second)) == days.run_ending(date.fromisoformat(first)) + 1
    assert DaySet.of(span("2028-02-28", "2028-03-01")).run_ending(date(2028, 3, 1)) == 3
    assert DaySet.of(span("2027-02-28", "2027-03-01")).run_ending(date(2027, 3, 1)) == 2


# --- the stored form -------------------------------------------------------------------------------------------------


@given(sets)
def test_what_is_stored_is_read_back(model: set[date]) -> None:
    days = DaySet.of(model)
    assert DaySet.from_json(json.loads(json.dumps(days.to_json()))) == days


def test_the_stored_form_stays_as_it_is() -> None:
    # A golden value: rows of released versions hold these texts.
    days = DaySet.of([date(2024, 1, 1), date(2024, 1, 10), date(2024, 12, 31), date(2025, 1, 1), date(2027, 1, 3)])
    stored = {"2024": "AQI" + "A" * 57 + "YA", "2027": "BA"}
    assert days.to_json() == stored
    assert DaySet.from_json(stored) == days
    assert EMPTY.to_json() == {}


def test_ten_full_years_take_less_than_650_bytes() -> None:
    every = span("2017-01-01", "2026-12-31")
    assert size(DaySet.of(every)) <= 625
    assert size(DaySet.of(every[::2])) <= 625
    assert size(DaySet.of([date(2017, 1, 9), date(2026, 1, 9)])) <= 30


@pytest.mark.parametrize("year", [2026, 2028])
def test_a_year_takes_at_most_46_bytes(year: int) -> None:
    (text,) = DaySet.of(span(f"{year}-01-01", f"{year}-12-31")).to_json().values()
    assert len(text) * 6 // 8 == 46
    assert isleap(year) == text.endswith("Pw")  # 366 days end in six bits, 365 in five


def test_a_bitmap_may_run_on_into_later_years_or_stop_at_its_own() -> None:
    by_year = {**DaySet.of(span("2026-12-30", "2026-12-31")).to_json(), **DaySet.of([date(2027, 1, 1)]).to_json()}
    assert list(by_year) == ["2026", "2027"]
    assert DaySet.from_json(by_year) == DaySet.of(span("2026-12-30", "2027-01-01"))


@pytest.mark.parametrize("ends", [date.min, date.max])
def test_the_ends_of_the_calendar_are_dates_too(ends: date) -> None:
    assert list(DaySet.from_json(DaySet.of([ends]).to_json())) == [ends]


@pytest.mark.parametrize(
    "stored",
    [
        *({"year": "AQ"}, {"": "AQ"}, {"0": "AQ"}, {"10001": "AQ"}, {"-99999999999": "AQ"}),
        *({"2026": "*"}, {"2026": "A"}, {"2026": "é"}, {"2026": "A Q"}, {"9999": "A" * 62 + "Bg"}, {"9999": "/" * 64}),
        *([], None, "2026", {"2026": 5}, {"2026": None}),
    ],
)
def test_a_stored_form_that_is_none_is_refused(stored: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whichever of the parsers refuses
        DaySet.from_json(stored)


@given(st.dictionaries(st.text(max_size=4), st.text(max_size=70)))
def test_any_stored_text_is_read_or_refused(stored: dict[str, str]) -> None:
    try:
        days = DaySet.from_json(stored)
    except ValueError:
        return
    assert DaySet.from_json(days.to_json()) == days
