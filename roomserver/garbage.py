"""When garbage is collected: by a timer, the young only, never in the middle of a batch; all of it seldom.

With ten thousand connections a full collection stops everything for a quarter of a second, and the automatic ones
make each check-in a third dearer. What is made at start is frozen; what connections leave behind is little, because
their cycles are broken open by hand. A room that is closed leaves its frame, some 50 objects, for the full collection.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from typing import Any

YOUNG_SECONDS = 1
"""Between two collections of what came since the last one: what survives is not looked at again, so that a second's
worth at a time costs no more in all, and stops nobody for long."""

FULL_SECONDS = 60
EACH_SECONDS = 0.36
"""For so much longer all garbage waits for each who is here: ten thousand are stopped once an hour."""


async def tend(here: Callable[[], int]) -> None:
    """Freeze what is there, collect the young from time to time and all of it seldom, until cancelled.

    ``here`` says how many connections there are.
    """
    gc.collect()
    gc.freeze()
    gc.disable()
    since = 0
    try:
        while True:
            await asyncio.sleep(YOUNG_SECONDS)
            full = all_is_due(since, here())
            gc.collect(2 if full else 1)
            since = 0 if full else since + YOUNG_SECONDS
    finally:
        gc.enable()
        gc.unfreeze()


def all_is_due(since: float, here: int) -> bool:
    """Whether so many seconds after the last full collection the next one is worth its pause to so many."""
    return since >= FULL_SECONDS + EACH_SECONDS * here


def break_cycle(taken_over: Any) -> None:
    """Let go of what uvicorn's HTTP protocol holds, whose parser points back at it; it is of no typed interface."""
    for name in ("parser", "scope", "headers", "flow", "cycle"):
        if hasattr(taken_over, name):
            setattr(taken_over, name, None)
