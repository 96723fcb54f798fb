"""Nothing vanishes: what a process has accepted and owed, and what became of it, held against each other at every tick.

    accepted  = shown + merged + shed + failed (+ what waits for its tick)        events, by lane
    owed      = written + failed + caught up + gaps (+ what is outstanding)      deliveries: a batch to one who follows

A sum that does not come out is a fault of ours: it is counted, logged, and never happens.
"""

from __future__ import annotations

import logging
from collections import Counter
from typing import TypeVar

from room.lanes import Taken
from room.message import Lane
from roomserver.followers import Ledger

T = TypeVar("T")

log = logging.getLogger(__name__)


class Conservation:
    """The sums of one process since it started; ``closed`` are the deliveries of rooms that are not open any more."""

    def __init__(self) -> None:
        self.accepted: Counter[Lane] = Counter()
        self.shown: Counter[Lane] = Counter()
        self.merged: Counter[Lane] = Counter()
        self.shed: Counter[Lane] = Counter()
        self.failed: Counter[Lane] = Counter()
        self.violations: Counter[str] = Counter(events=0, deliveries=0)
        self.closed = Ledger()

    def decided(self, taken: Taken[T], *, told: bool) -> None:
        """A tick has decided; ``told`` unless its batch could not be made."""
        for counter, part in ((self.shown, taken.shown), (self.merged, taken.merged), (self.shed, taken.shed)):
            became = counter if told else self.failed
            for stamped, _ in part:
                became[type(stamped.event).lane] += 1
        self._hold("events", taken.accepted == len(taken.shown) + len(taken.merged) + len(taken.shed))

    def delivered(self, ledger: Ledger, outstanding: int) -> None:
        """A batch is written."""
        self._hold("deliveries", ledger.balances(outstanding))

    def _hold(self, what: str, holds: bool) -> None:
        if not holds:
            self.violations[what] += 1
            log.error("a sum does not come out", extra={"of": what})
