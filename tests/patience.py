"""Waiting for what must come: so long that only what never comes is late, on the slowest machine."""

import asyncio
import inspect
from collections.abc import Callable

PATIENCE = 30.0
"""Seconds; nothing is to be read from it about how fast anything is."""

_LOOK_SECONDS = 0.01


async def until(done: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Wait for what nobody is told of; ``done`` may also give something that is awaited for its answer.

    Raises TimeoutError.
    """
    async with asyncio.timeout(seconds):
        while True:
            found = done()
            if inspect.isawaitable(found):
                found = await found
            if found:
                return
            await asyncio.sleep(_LOOK_SECONDS)
