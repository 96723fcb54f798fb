from itertools import islice
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from loadtest.arrivals import even, gaps, poisson


@given(st.integers(), st.floats(min_value=0.1, max_value=500), st.floats(min_value=0.1, max_value=10))
def test_arrivals_are_ordered_within_the_time_and_the_same_for_a_seed(seed: int, rate: float, seconds: float) -> None:
    times = list(poisson(Random(seed), rate, seconds))
    assert times == sorted(times)
    assert all(0 <= at < seconds for at in times)
    assert times == list(poisson(Random(seed), rate, seconds))


def test_the_stated_rate_is_kept() -> None:
    assert 9_500 < len(list(poisson(Random(1), 1000.0, 10.0))) < 10_500


def test_no_rate_is_no_arrival() -> None:
    assert list(poisson(Random(1), 0.0, 10.0)) == []


@given(st.integers())
def test_no_gap_is_longer_than_the_longest(seed: int) -> None:
    assert all(0 <= gap <= 3.0 for gap in islice(gaps(Random(seed), 2.5, 3.0), 200))


def test_even_arrivals_are_spaced_alike() -> None:
    assert list(even(4.0, 1.0)) == [0.0, 0.25, 0.5, 0.75]
