"""Whether the store is there: told by what it answers, and by a look at it when nobody asks it for anything."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TypeVar

from roomserver.clock import jitter
from roomserver.store import Durability, Store, StoreUnavailable

PROBE_SECONDS = 2.0
"""Between two looks at a store that nobody asks for anything: so soon its leaving is told, before somebody needs it."""

RETURN_SECONDS = 0.25
"""Between two looks at a store that is away: so soon its return is told, though nobody tries to write."""

log = logging.getLogger(__name__)

T = TypeVar("T")


class Storage:
    """The store as it is known to be; ``on_storage`` is told when it goes and when it comes."""

    def __init__(self, store: Store, on_storage: Callable[[bool], None]) -> None:
        self.available = True
        self.new_run = asyncio.Event()
        """Set when another run of the store answers than before, or it may have lost what it had."""
        self._store = store
        self._on_storage = on_storage
        self._run: tuple[str, Durability] = "", Durability.MEMORY
        self._unwritten = False
        self._refuses = False

    def answered(self) -> None:
        """It has answered; one that takes no writes is away all the same."""
        run = self._store.run_id, self._store.durability
        if run != self._run:
            self._run = run
            self.new_run.set()
        if not self.available and not self._unwritten:
            log.warning("the store is back")
            self.available = True
            tell(self._on_storage, True)

    def wrote(self) -> None:
        """It has answered a commit."""
        self._unwritten = False
        self.answered()

    async def away(self, error: Exception) -> None:
        """Note that it is away, and give it a moment, so that nobody hammers it."""
        if self.available:
            log.warning("the store is away", extra={"why": str(error)})
            self.available = False
            tell(self._on_storage, False)
        await asyncio.sleep(jitter(0.05, 0.15))

    async def lost(self, error: Exception) -> None:
        """It is away as in ``away``, and a commit has no verdict of it."""
        self._unwritten = True
        await self.away(error)

    async def watch(self, busy: Callable[[], bool]) -> None:
        """Look for ever whether it answers, also when nobody asks it for anything.

        While it is ``busy`` with Changes, their commits tell. One that answers but takes nothing (read-only, out of
        memory, its disk full) stays away, and is asked less often: a full disk ends an embedded store at each try.
        """
        while True:
            pause = PROBE_SECONDS if self.available or self._refuses else RETURN_SECONDS
            await asyncio.sleep(jitter(0.5 * pause, 1.5 * pause))  # many servers must not knock at the same moment
            self._refuses = False
            try:
                await self._look(busy)
            except StoreUnavailable as error:
                await self.away(error)
            except Exception as error:  # a fault of ours must not end the looking
                log.exception("a look at the store failed")
                await self.away(error)
            else:
                if not busy():
                    self.answered()

    async def _look(self, busy: Callable[[], bool]) -> None:
        await self._store.clock_offset()
        if self._unwritten and not busy():
            self._refuses = True
            await self._store.touch()
            self._unwritten = self._refuses = False


def tell(told: Callable[[T], None], answer: T) -> None:
    """Tell an answer to whoever waits for it: his fault must not stop what all others wait for."""
    try:
        told(answer)
    except Exception:
        log.exception("an answer of the store was not taken")
