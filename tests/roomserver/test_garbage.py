"""Garbage is collected when it is said, and what a connection leaves is let go of."""

import asyncio
import gc
from types import SimpleNamespace

import pytest

from roomserver.garbage import break_cycle, tend


async def test_nothing_is_collected_by_itself_while_it_is_tended() -> None:
    frozen = gc.get_freeze_count()
    tending = asyncio.create_task(tend())
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


def test_what_was_taken_over_holds_nothing_any_more() -> None:
    taken_over = SimpleNamespace(parser=object(), scope={}, headers=[], transport="kept")
    break_cycle(taken_over)
    assert vars(taken_over) == {"parser": None, "scope": None, "headers": None, "transport": "kept"}
