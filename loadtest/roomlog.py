"""What the room has said, as all simulated viewers together saw it: who got which batch when.

A batch is the same for all, so its events are looked at once here, and each viewer only compares his copy with it.
That makes an audit of every viewer affordable.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from loadtest.histogram import Histogram

_REMEMBERED_IDS = 50_000  # a repetition further back than this is not noticed; it bounds the memory of a long run
REMEMBERED_SECONDS = 3600
"""Of which a report can tell second by second."""

_SETTLED = 30.0  # seconds after which nobody is expected to get a batch any more


@dataclass(slots=True)
class Spoken:
    """One batch of the room: the ids of its events, and when it reached the first and the last viewer."""

    ids: tuple[str, ...]
    first: float
    last: float
    readers: int = 0


@dataclass(slots=True)
class RoomLog:
    """The batches of one room by epoch and offset, and the way of the crowd's own messages through them."""

    to_first: Histogram = field(default_factory=Histogram)
    to_last: Histogram = field(default_factory=Histogram)
    batches: int = 0
    copies: int = 0
    delivered: int = 0
    repeated: int = 0
    unseen: int = 0
    worst: dict[int, float] = field(default_factory=dict)
    _spoken: dict[tuple[str, int], Spoken] = field(default_factory=dict)
    _ids: dict[str, None] = field(default_factory=dict)
    _heads: dict[str, int] = field(default_factory=dict)
    _own: dict[str, tuple[float, float]] = field(default_factory=dict)

    def read(
        self, epoch: str, offset: int, ids: tuple[str, ...], now: float, *, aside: bool = False
    ) -> tuple[Spoken, bool]:
        """A viewer got a batch at `now`; gives what the first viewer got there, and whether this one is the first.

        Who stands `aside` (he stopped reading) is audited, but does not count for how late the last viewer is.
        """
        spoken = self._spoken.get((epoch, offset))
        fresh = spoken is None
        if spoken is None:
            spoken = self._spoken[epoch, offset] = Spoken(ids, now, now)
            self._learn(ids)
            if offset > self._heads.get(epoch, 0):
                self._heads[epoch] = offset
        if not aside:
            spoken.last = now
        spoken.readers += 1
        self.copies += 1
        self.delivered += len(spoken.ids)
        return spoken, fresh

    def head(self, epoch: str) -> int:
        """The last offset that anybody got."""
        return self._heads.get(epoch, 0)

    def readers(self, event: str) -> int:
        """How many viewers got an event."""
        return sum(spoken.readers for spoken in self._spoken.values() if event in spoken.ids)

    def merge(self, other: RoomLog) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
        """Take over what another process saw of the same rooms; gives the batches that it was told otherwise."""
        for key, theirs in other._spoken.items():
            mine = self._spoken.get(key)
            if mine is None:
                self._spoken[key] = theirs
                self.batches += 1
                continue
            if mine.ids != theirs.ids:
                yield mine.ids, theirs.ids
            mine.first, mine.last = min(mine.first, theirs.first), max(mine.last, theirs.last)
            mine.readers += theirs.readers
        self._own |= other._own
        self.repeated = max(self.repeated, other.repeated)
        self.unseen += other.unseen
        self.to_first.merge(other.to_first)
        self.to_last.merge(other.to_last)

    def _learn(self, ids: tuple[str, ...]) -> None:
        self.batches += 1
        for event in ids:
            self.repeated += event in self._ids
            self._ids[event] = None
        while len(self._ids) > _REMEMBERED_IDS:
            del self._ids[next(iter(self._ids))]

    def expect(self, event: str, due: float, now: float) -> None:
        """An own message, meant to be sent at `due`, was accepted under the id `event`: the room must show it."""
        self._own[event] = (due, now)

    def settle(self, now: float) -> None:
        """Measure and let go the batches that have reached everybody, and give up on own messages nobody saw."""
        horizon = now - _SETTLED
        for key in [key for key, spoken in self._spoken.items() if spoken.last <= horizon]:
            self._measure(self._spoken.pop(key))
        # The reply may come long before its batch when the tick is slow: an own message waits twice as long.
        for event in [event for event, (_, accepted) in self._own.items() if accepted <= horizon - _SETTLED]:
            del self._own[event]
            self.unseen += 1

    def close(self) -> None:
        """Measure all that is left, at the end of a run."""
        for spoken in self._spoken.values():
            self._measure(spoken)
        self._spoken.clear()
        self.unseen += len(self._own)
        self._own.clear()

    def _measure(self, spoken: Spoken) -> None:
        for event in spoken.ids:
            own = self._own.pop(event, None)
            if own is not None:
                self.to_first.add(spoken.first - own[0])
                self.to_last.add(spoken.last - own[0])
                self._note_worst(int(own[0]), spoken.last - own[0])

    def _note_worst(self, second: int, seconds: float) -> None:
        self.worst[second] = max(self.worst.get(second, 0.0), seconds)
        if len(self.worst) > REMEMBERED_SECONDS:
            del self.worst[next(iter(self.worst))]
