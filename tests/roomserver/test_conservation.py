"""Sums that come out, and one that does not."""

from __future__ import annotations

import pytest

from room.lanes import Lanes, Taken
from room.message import Event, Lane, Stamped
from roomserver.conservation import Conservation
from roomserver.followers import Ledger


class Said(Event):
    """Something of the danmaku lane."""

    kind = "test.said"
    lane = Lane.DANMAKU


def taken(offered: int, budget: int) -> Taken[None]:
    lanes: Lanes[None] = Lanes()
    for number in range(offered):
        lanes.offer(Stamped(id=str(number), at=0, event=Said()), None)
    return lanes.take({Lane.DANMAKU: budget})


def test_what_a_tick_decides_is_counted_by_lane() -> None:
    kept = Conservation()
    kept.decided(taken(5, budget=3), told=True)
    kept.decided(taken(2, budget=1), told=False)
    assert (kept.shown, kept.shed, kept.failed) == ({Lane.DANMAKU: 3}, {Lane.DANMAKU: 2}, {Lane.DANMAKU: 2})
    assert kept.violations == {"events": 0, "deliveries": 0}


def test_an_event_that_vanishes_is_a_violation(caplog: pytest.LogCaptureFixture) -> None:
    kept, lost = Conservation(), taken(3, budget=3)
    lost.shown.pop()
    kept.decided(lost, told=True)
    kept.delivered(Ledger(owed=2, written=1), outstanding=0)
    kept.delivered(Ledger(owed=2, written=1), outstanding=1)
    assert kept.violations == {"events": 1, "deliveries": 1}
    assert "a sum does not come out" in caplog.text
