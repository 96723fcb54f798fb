import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.pace import AT_ONCE, REFILL_MS, Pace
from app.refusals import TooManyShown

NOW = 1_700_000_000_000


def shown(pace: Pace, now: int) -> bool:
    try:
        pace.check(now)
    except TooManyShown:
        return False
    pace.note(now)
    return True


def test_a_hundred_at_once_and_one_more_when_the_refusal_says() -> None:
    pace = Pace()
    assert [shown(pace, NOW) for _ in range(AT_ONCE + 1)] == [True] * AT_ONCE + [False]
    with pytest.raises(TooManyShown) as refused:
        pace.check(NOW)
    assert refused.value.retry_in == REFILL_MS
    assert not shown(pace, NOW + REFILL_MS - 1)
    assert shown(pace, NOW + REFILL_MS)


@given(st.lists(st.integers(0, 500), max_size=300))
def test_in_no_stretch_of_time_more_is_shown_than_the_pace_allows(gaps: list[int]) -> None:
    pace, now, times = Pace(), NOW, []
    for gap in gaps:
        now += gap
        if shown(pace, now):
            times.append(now)
    for first, begun in enumerate(times):
        for last in range(first, len(times)):
            assert last - first + 1 <= AT_ONCE + (times[last] - begun) / REFILL_MS
