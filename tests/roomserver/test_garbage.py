"""Garbage is collected when it is said, and what a connection leaves is let go of."""

import asyncio
import gc
from types import SimpleNamespace

import pytest

from roomserver.garbage import all_is_due, break_cycle, tend


async def test_nothing_is_collected_by_itself_while_it_is_tended() -> None:
    frozen = gc.get_freeze_count()
    tending = asyncio.create_task(tend(lambda: 0))
    await asyncio.sleep(0)
    try:
        assert not gc.isenabled()
        assert gc.get_freeze_count() > frozen
    finally:
        tending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await tending
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


@pytest.mark.parametrize(("here", "soonest"), [(0, 60), (1, 60.36), (1000, 420), (10_000, 3660)])
def test_all_garbage_waits_the_longer_the_more_are_here(here: int, soonest: float) -> None:
    assert [all_is_due(soonest - 0.01, here), all_is_due(soonest, here)] == [False, True]


def test_what_was_taken_over_holds_nothing_any_more() -> None:
    taken_over = SimpleNamespace(parser=object(), scope={}, headers=[], transport="kept")
    break_cycle(taken_over)
    assert vars(taken_over) == {"parser": None, "scope": None, "headers": None, "transport": "kept"}
