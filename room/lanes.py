"""Lanes: what waits for a room's next batch, and how much of it one batch may show.

Control, receipts and gifts always pass. Danmaku and entrances have a budget per tick; what exceeds it is shed, which
the sender is told in his reply and everybody in the batch. Nothing waits for a second tick, so delay stays one tick.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from room.message import Lane, Stamped

T = TypeVar("T")

BUDGETS: Mapping[Lane, int] = {Lane.DANMAKU: 50, Lane.ENTRANCE: 10}
"""Events shown per tick: 1,000 danmaku a second at 50 ms are more than any page can fly (50 a second)."""


@dataclass(slots=True)
class Taken(Generic[T]):
    """What one tick shows and sheds, in room order; each event with whatever waits for the decision."""

    shown: list[tuple[Stamped, T]] = field(default_factory=list)
    shed: list[tuple[Stamped, T]] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """How many events were shed, by the lane's name on the wire."""
        counts: dict[str, int] = {}
        for stamped, _ in self.shed:
            lane = type(stamped.event).lane.value
            counts[lane] = counts.get(lane, 0) + 1
        return counts


class Lanes(Generic[T]):
    """The events of one room that no batch has carried yet."""

    def __init__(self, budgets: Mapping[Lane, int] = BUDGETS) -> None:
        self._budgets = budgets
        self._left = dict(budgets)
        self._next: Taken[T] = Taken()

    def __bool__(self) -> bool:
        return bool(self._next.shown or self._next.shed)

    def offer(self, stamped: Stamped, waiting: T) -> None:
        """Put an event into the next batch, or among what that batch sheds."""
        lane = type(stamped.event).lane
        left = self._left.get(lane, 1)
        if left > 0:
            self._next.shown.append((stamped, waiting))
        else:
            self._next.shed.append((stamped, waiting))
        if lane in self._left:
            self._left[lane] = left - 1

    def take(self) -> Taken[T]:
        """What the batch that is made now carries; the budgets begin anew."""
        taken, self._next = self._next, Taken()
        self._left = dict(self._budgets)
        return taken
