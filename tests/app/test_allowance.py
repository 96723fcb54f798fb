import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.allowance import AT_ONCE, REFILL_MS, Allowance
from app.refusals import TooManyShown

NOW = 1_700_000_000_000


def shown(allowance: Allowance, now: int) -> bool:
    try:
        allowance.check(now)
    except TooManyShown:
        return False
    allowance.note(now)
    return True


def test_a_hundred_at_once_and_one_more_when_the_refusal_says() -> None:
    allowance = Allowance()
    assert [shown(allowance, NOW) for _ in range(AT_ONCE + 1)] == [True] * AT_ONCE + [False]
    with pytest.raises(TooManyShown) as refused:
        allowance.check(NOW)
    assert refused.value.retry_in == REFILL_MS
    assert not shown(allowance, NOW + REFILL_MS - 1)
    assert shown(allowance, NOW + REFILL_MS)


def test_a_clock_that_is_set_back_makes_nobody_wait_as_long() -> None:
    allowance = Allowance()
    for _ in range(AT_ONCE):
        assert shown(allowance, NOW)
    assert shown(allowance, NOW - 3_600_000)


@given(st.lists(st.integers(0, 500), max_size=300))
def test_in_no_stretch_of_time_more_is_shown_than_is_allowed(gaps: list[int]) -> None:
    allowance, now, times = Allowance(), NOW, []
    for gap in gaps:
        now += gap
        if shown(allowance, now):
            times.append(now)
    for first, begun in enumerate(times):
        for last in range(first, len(times)):
            assert last - first + 1 <= AT_ONCE + (times[last] - begun) / REFILL_MS
