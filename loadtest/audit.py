"""The check of one viewer's stream: nothing lost, doubled or out of order, and no gap that was not declared.

What the room says while a viewer is in it is owed to him: owed = received + declared as a gap, to the very end.

The rules (docs/protocol.md, Batches): `offset` grows by one per batch; the id of an event is unique in its room; who
misses batches is told so by a rejoin that answers `recovered: false`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from loadtest.protocol import Position
from loadtest.roomlog import RoomLog


@dataclass(slots=True, kw_only=True)
class Tally:
    """Faults summed over viewers, and the declared gaps beside them, which are no fault."""

    lost: int = 0
    doubled: int = 0
    reordered: int = 0
    gaps: int = 0
    missed: int = 0
    batches: int = 0
    owed: int = 0
    received: int = 0

    def add(self, other: Tally) -> None:
        """Add another viewer's tally to this one."""
        self.lost += other.lost
        self.doubled += other.doubled
        self.reordered += other.reordered
        self.gaps += other.gaps
        self.missed += other.missed
        self.batches += other.batches
        self.owed += other.owed
        self.received += other.received

    @property
    def clean(self) -> bool:
        """Whether no fault was found."""
        return not (self.lost or self.doubled or self.reordered)

    @property
    def conserved(self) -> bool:
        """Whether all that was owed was received, or declared as missing."""
        return self.owed == self.received + self.missed


@dataclass(slots=True)
class ViewerAudit:
    """Follows one viewer through his joins and batches."""

    log: RoomLog
    tally: Tally = field(default_factory=Tally)
    position: Position | None = None
    aside: bool = False
    _since: int = 0
    _missing: set[int] = field(default_factory=set)

    def joined(self, position: Position) -> None:
        """A join that asked for no recovery: what came before is not owed."""
        self.settle()
        self.position, self._since = position, position.offset
        self._missing.clear()

    def finish(self) -> None:
        """The end: all that the room has said up to now was owed."""
        if self.position is not None:
            self._skip_to(self.log.head(self.position.epoch) + 1)
            self.settle()
            self._since = self.position.offset

    def settle(self) -> None:
        """Add what was owed since the last settling; positions tell it, whatever was counted on the way."""
        if self.position is not None:
            self.tally.owed += self.position.offset - self._since
            self._since = self.position.offset

    def resumed(
        self, position: Position, *, recovered: bool, batches: Iterable[tuple[int, tuple[str, ...], float]]
    ) -> None:
        """A join that asked for recovery and was answered with `recovered` and the batches (offset, ids, time)."""
        if not recovered:
            self._declare_gap(position)
            return
        if self.position is None or self.position.epoch != position.epoch:
            self.tally.lost += 1  # a new epoch is a new log: nothing can have been recovered from it
            self.joined(position)
            return
        was_aside, self.aside = self.aside, True  # he is late because he was away, not because the room is
        for offset, ids, now in batches:
            self.heard(offset, ids, now)
        self.aside = was_aside
        self._skip_to(position.offset + 1)

    def _declare_gap(self, position: Position) -> None:
        self.tally.gaps += 1
        if self.position is not None and self.position.epoch == position.epoch:
            missed = max(0, position.offset - self.position.offset)
            self.tally.missed += missed
            self.tally.owed += missed
        self.joined(position)

    def heard(self, offset: int, ids: tuple[str, ...], now: float) -> bool:
        """A batch arrived at `now`; says whether this viewer is the first of all to get it."""
        if self.position is None:
            self.tally.doubled += 1  # before the reply to the join: an SDK would drop it
            return False
        self.tally.batches += 1
        if offset <= self.position.offset:
            return self._late(offset)
        epoch = self.position.epoch
        if offset != self.position.offset + 1:
            self._skip_to(offset)
        self.position = Position(epoch, offset)
        self.tally.received += 1
        spoken, fresh = self.log.read(epoch, offset, ids, now, aside=self.aside)
        if spoken.ids is not ids and spoken.ids != ids:
            self._compare(spoken.ids, ids)
        return fresh

    def _late(self, offset: int) -> bool:
        if offset in self._missing:
            self._missing.discard(offset)
            self.tally.lost -= 1
            self.tally.reordered += 1
            self.tally.received += 1
        else:
            self.tally.doubled += 1
        return False

    def _skip_to(self, offset: int) -> None:
        """Count what is missing before `offset` as lost, until it turns up late."""
        assert self.position is not None
        absent = range(self.position.offset + 1, offset)
        if absent:
            self.tally.lost += len(absent)
            self._missing.update(absent[-1000:])
            self.position = Position(self.position.epoch, offset - 1)

    def _compare(self, expected: tuple[str, ...], got: tuple[str, ...]) -> None:
        """Two viewers were given different batches under one offset."""
        lost, doubled, reordered = differences(expected, got)
        self.tally.lost += lost
        self.tally.doubled += doubled
        self.tally.reordered += reordered


def differences(expected: tuple[str, ...], got: tuple[str, ...]) -> tuple[int, int, int]:
    """How many ids of a batch are lost, doubled, or (all or none) out of order."""
    once, twice = Counter(expected), Counter(got)
    return len(once.keys() ^ twice.keys()), len(got) - len(twice), int(once == twice)
