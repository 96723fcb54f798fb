"""How long who asks too often has to wait."""

import pytest

from media.backend import Reason, Rejected
from roomserver.http.callers import AT_ONCE, EACH_MS, OFFERS, OFFERS_AT_ONCE, Callers, TooMany


def test_too_many_who_come_at_once_come_later() -> None:
    callers = Callers()
    for _ in range(OFFERS_AT_ONCE):
        callers.check_offer(1000)
    with pytest.raises(Rejected) as refused:
        callers.check_offer(1000)
    assert refused.value.reason is Reason.FULL
    assert refused.value.retry_after is not None
    callers.check_offer(1000 + 1000 // OFFERS)


def test_a_caller_waits_for_one_more_and_no_longer() -> None:
    callers = Callers()
    for _ in range(AT_ONCE):
        callers.check("ada", 1000)
    with pytest.raises(TooMany) as refused:
        callers.check("ada", 1000)
    assert refused.value.wait == EACH_MS
    callers.check("bob", 1000)
    callers.check("ada", 1000 + EACH_MS)
