"""The share of one person, on values."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from roomserver.pace import PATIENCE_BURST, Bucket, Pace, Verdict

GO, WAIT, FLOOD = Verdict.GO, Verdict.WAIT, Verdict.FLOOD


def test_a_bucket_gives_its_burst_at_once_and_its_rate_for_ever() -> None:
    bucket = Bucket(rate=2, burst=3, at=0)
    assert [bucket.take(0) for _ in range(4)] == [True, True, True, False]
    assert [bucket.take(0.5), bucket.take(0.5), bucket.take(1.0)] == [True, False, True]
    assert [bucket.take(100) for _ in range(4)] == [True, True, True, False]


@given(st.lists(st.floats(0, 5), max_size=300))
def test_no_span_of_time_has_more_than_burst_and_rate(gaps: list[float]) -> None:
    bucket, now, taken = Bucket(rate=4, burst=7, at=0), 0.0, []
    for gap in gaps:
        now += gap
        if bucket.take(now):
            taken.append(now)
    for first, start in enumerate(taken):
        for count, end in enumerate(taken[first:], start=1):
            assert count <= 7 + 4 * (end - start) + 1e-6


def test_a_clock_that_steps_back_refills_nothing_and_takes_nothing() -> None:
    bucket = Bucket(rate=1, burst=1, at=10)
    assert [bucket.take(10), bucket.take(5), bucket.take(10.5), bucket.take(11)] == [True, False, False, True]


def test_beyond_the_share_a_command_waits_and_who_goes_on_is_a_flood() -> None:
    pace = Pace(rate=1, burst=2, at=0)
    verdicts = [pace.judge(0) for _ in range(2 + PATIENCE_BURST + 1)]
    assert verdicts == [GO] * 2 + [WAIT] * PATIENCE_BURST + [FLOOD]


def test_who_asks_a_little_too_fast_is_never_a_flood() -> None:
    pace = Pace(rate=2, burst=4, at=0)
    verdicts = [pace.judge(place / 10) for place in range(6000)]
    assert verdicts.count(FLOOD) == 0
    assert 1200 <= verdicts.count(GO) <= 1204
