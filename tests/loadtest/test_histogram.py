import math

from hypothesis import given
from hypothesis import strategies as st

from loadtest.histogram import Histogram

DURATIONS = st.lists(st.floats(min_value=1e-5, max_value=1000.0), min_size=1, max_size=200)


@given(DURATIONS, st.sampled_from([1, 50, 99, 99.9, 100]))
def test_a_percentile_is_right_within_one_percent_and_never_too_low(durations: list[float], percent: float) -> None:
    histogram = Histogram()
    for seconds in durations:
        histogram.add(seconds)
    exact = sorted(durations)[math.ceil(len(durations) * percent / 100) - 1]
    assert exact * (1 - 1e-9) <= histogram.percentile(percent) <= exact * 1.0101


def test_an_empty_histogram_has_zeros() -> None:
    assert Histogram().summary() == {"count": 0, "p50_ms": 0.0, "p99_ms": 0.0, "p999_ms": 0.0, "max_ms": 0.0}


def test_a_summary_is_in_milliseconds() -> None:
    histogram = Histogram()
    histogram.add(0.25)
    assert histogram.summary()["max_ms"] == 250.0


def test_no_time_at_all_is_counted() -> None:
    histogram = Histogram()
    histogram.add(0.0)
    histogram.add(-0.1)
    assert histogram.count == 2


def test_merged_histograms_are_one() -> None:
    one, other, whole = Histogram(), Histogram(), Histogram()
    for number in range(1, 101):
        (one if number % 2 else other).add(number / 1000)
        whole.add(number / 1000)
    one.merge(other)
    assert one == whole
