from datetime import date, timedelta

import pytest

from checkin.absence import away
from checkin.dayset import DaySet

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("ago", "days"),
    [((), None), ((0,), None), ((1,), 1), ((1, 0), 1), ((4,), 4), ((4, 0), 4), ((9, 2, 0), 2), ((400,), 400)],
)
def test_the_last_day_before_today_counts(ago: tuple[int, ...], days: int | None) -> None:
    assert away(DaySet.of(TODAY - timedelta(days=one) for one in ago), TODAY) == days
