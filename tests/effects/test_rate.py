import pytest
from hypothesis import given
from hypothesis import strategies as st

from effects.rate import Rates
from effects.refusals import TooFast
from room.people import Role

AT = 1_700_000_000_000


def send(rates: Rates, now: int, role: Role = Role.MEMBER) -> int | None:
    """The time to wait, or None when the message went through."""
    try:
        rates.check("ada", role, now)
    except TooFast as refusal:
        return refusal.retry_in
    rates.take("ada", role, now)
    return None


def test_five_at_once_then_one_every_two_seconds() -> None:
    rates = Rates()
    assert [send(rates, AT) for _ in range(6)] == [None] * 5 + [2_000]
    assert send(rates, AT + 1_999) == 1
    assert send(rates, AT + 2_000) is None
    assert send(rates, AT + 2_000) == 2_000
    assert [send(rates, AT + 12_000) for _ in range(6)] == [None] * 5 + [2_000]


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.HOST, Role.OPERATOR])
def test_moderators_have_five_times_as_much(role: Role) -> None:
    rates = Rates()
    assert [send(rates, AT, role) for _ in range(26)] == [None] * 25 + [400]


def test_a_full_bucket_is_forgotten() -> None:
    rates = Rates()
    for number in range(1_000):
        rates.take(f"u{number}", Role.MEMBER, AT + number * 100)
    assert len(rates.buckets) <= 21


@given(st.lists(st.integers(0, 3_000), max_size=80))
def test_it_is_a_bucket_of_five_that_gains_one_every_two_seconds(gaps: list[int]) -> None:
    rates, now, tokens = Rates(), AT, 10_000
    for gap in gaps:
        now += gap
        tokens = min(10_000, tokens + gap)
        wait = send(rates, now)
        assert wait == (None if tokens >= 2_000 else 2_000 - tokens)
        tokens -= 0 if wait else 2_000
