# ruff: noqa: N802 - the rows of the table are called T1, T2, ...
"""What goes over the wire about check-ins, and what does not."""

import re
from dataclasses import fields
from typing import get_type_hints

import pytest

from checkin.messages import Burst, Calendar, Mark, Marked, Milestone, Rewarded
from room.message import Audience, Bounds, Lane


def test_T17_no_clock_but_the_servers_is_asked() -> None:
    assert {field.name for field in fields(Mark)} == {"room", "streak", "key"}


def test_who_hears_of_what_and_what_is_kept() -> None:
    assert (Marked.audience, Marked.durable) == (Audience.NOBODY, True)
    assert (Rewarded.audience, Rewarded.durable) == (Audience.MEMBER, True)
    assert (Milestone.audience, Milestone.durable) == (Audience.ROOM, True)
    assert (Burst.audience, Burst.durable, Burst.lane) == (Audience.ROOM, False, Lane.GIFT)


@pytest.mark.parametrize(
    ("month", "good"), [("2026-11", True), ("2026-13", False), ("2026-00", False), ("26-11", False)]
)
def test_a_month_is_written_as_year_and_month(month: str, good: bool) -> None:
    (limits,) = get_type_hints(Calendar, include_extras=True)["month"].__metadata__
    assert isinstance(limits, Bounds)
    assert limits.pattern is not None
    assert bool(re.search(limits.pattern, month)) == good
