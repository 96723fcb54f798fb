"""When garbage is collected: by a timer, the young only, never in the middle of a batch.

With ten thousand connections a full collection stops everything for a quarter of a second, and the automatic ones
make each check-in a third dearer. What is made at start is frozen; what connections leave behind is little, because
their cycles are broken open by hand.
"""

from __future__ import annotations

import asyncio
import gc
from typing import Any

YOUNG_SECONDS = 1
"""Between two collections of what came since the last one: what survives is not looked at again, so that a second's
worth at a time costs no more in all, and stops nobody for long."""


async def tend() -> None:
    """Freeze what is there and collect the young from time to time, until cancelled."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        while True:
            await asyncio.sleep(YOUNG_SECONDS)
            gc.collect(1)
    finally:
        gc.enable()
        gc.unfreeze()


def break_cycle(taken_over: Any) -> None:
    """Let go of what uvicorn's HTTP protocol holds, whose parser points back at it; it is of no typed interface."""
    for name in ("parser", "scope", "headers", "flow", "cycle"):
        if hasattr(taken_over, name):
            setattr(taken_over, name, None)
