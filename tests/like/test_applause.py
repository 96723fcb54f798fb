import pytest
from hypothesis import given
from hypothesis import strategies as st

from like.applause import BUCKET_MS, REFILL_MS, Applause
from like.refusals import TooManyLikes

NOW = 1_700_000_000_000


def given_likes(applause: Applause, count: int, now: int = NOW, user: str = "ada") -> None:
    applause.check(user, count, now)
    applause.add(user, count, now)


def test_a_burst_of_forty_is_counted_and_then_one_each_twentieth_of_a_second() -> None:
    applause = Applause()
    given_likes(applause, 20)
    given_likes(applause, 20)
    with pytest.raises(TooManyLikes) as refused:
        applause.check("ada", 1, NOW)
    assert refused.value.retry_in == REFILL_MS
    given_likes(applause, 1, NOW + REFILL_MS)
    assert applause.total == 41


def test_what_has_no_room_is_refused_whole() -> None:
    applause = Applause()
    given_likes(applause, 20)
    given_likes(applause, 15)
    with pytest.raises(TooManyLikes) as refused:
        applause.check("ada", 20, NOW)
    assert refused.value.retry_in == 15 * REFILL_MS
    given_likes(applause, 5)


def test_everybody_has_a_bucket_of_his_own_which_is_forgotten_once_it_is_full() -> None:
    applause = Applause()
    for number in range(50):
        given_likes(applause, 20, user=f"u{number}")
    given_likes(applause, 1, NOW + BUCKET_MS)
    assert (applause.total, len(applause.buckets)) == (1001, 1)


def test_what_was_told_is_not_told_again() -> None:
    applause = Applause()
    given_likes(applause, 3)
    assert (applause.tell(NOW), applause.tell(NOW), applause.total) == (3, 0, 3)


@given(st.lists(st.tuples(st.integers(1, 20), st.integers(0, 400)), max_size=100))
def test_no_span_of_time_has_more_than_a_burst_and_twenty_a_second(taps: list[tuple[int, int]]) -> None:
    applause, now, counted = Applause(), NOW, list[tuple[int, int]]()
    for count, gap in taps:
        now += gap
        try:
            given_likes(applause, count, now)
        except TooManyLikes as refused:
            applause.check("ada", count, now + (refused.retry_in or 0))
        else:
            counted.append((now, count))
    for start, _ in counted:
        for end, _ in counted:
            within = sum(count for at, count in counted if start <= at <= end)
            assert within <= 40 + max(0, end - start) / REFILL_MS
