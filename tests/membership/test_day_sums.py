"""Sums of days, against a dict of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from membership.day_sums import DaySums

STEPS = st.lists(st.tuples(st.integers(0, 40), st.integers(-300, 300)), max_size=25)
START = 738_000


def test_nothing_is_nothing() -> None:
    assert (DaySums().amounts, DaySums().since(0)) == ([], 0)
    assert DaySums.of(START, [0, 0]) == DaySums()


@given(st.lists(st.integers(0, 2_000_000), max_size=50))
def test_what_was_packed_comes_back(amounts: list[int]) -> None:
    sums = DaySums.of(START, amounts)
    assert sum(sums.amounts) == sum(amounts)
    for place in range(len(amounts) + 1):
        assert sums.since(START + place) == sum(amounts[place:])
    assert DaySums.of(sums.origin, sums.amounts) == sums


@given(STEPS)
def test_days_add_up_as_in_a_dict(steps: list[tuple[int, int]]) -> None:
    sums, naive, day = DaySums(), dict[int, int](), START
    for later, amount in steps:
        day += later
        first = day - 60
        sums = sums.plus(day, amount, first=first)
        naive[day] = naive.get(day, 0) + max(amount, 0)
        wanted = max(-amount, 0)
        for one in sorted(naive, reverse=True):
            taken = min(naive[one], wanted)
            naive[one], wanted = naive[one] - taken, wanted - taken
        naive = {one: sum_ for one, sum_ in naive.items() if one >= first}
        for one in range(first, day + 2):
            assert sums.since(one) == sum(sum_ for at, sum_ in naive.items() if at >= one)


def test_an_earlier_day_than_the_last_one_counts_as_the_last_one() -> None:
    sums = DaySums.of(START, [5, 6]).plus(START, 7, first=START - 10)
    assert sums.amounts == [5, 13]


@pytest.mark.parametrize(("amount", "most"), [(40, 534), (5_000, 1_067)])
def test_four_hundred_days_stay_small(amount: int, most: int) -> None:
    assert len(DaySums.of(START, [amount] * 400).packed) <= most
