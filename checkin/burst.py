"""The burst: however many check in, the room hears of it at most four times a second."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from checkin.mark import counted
from checkin.messages import Burst, Celebrated, Marked
from room.live import Room
from room.row import member
from room.settings import Privacy

MERGE_MS = 250
"""Between two bursts."""

NAMED = 3
"""How many of a burst are named."""


@dataclass(slots=True)
class Bursting:
    """The check-ins that no burst has told of yet."""

    delta: int = 0
    today: int = 0
    sample: list[Celebrated] = field(default_factory=list)
    flushed_at: int = 0

    def next_at(self) -> int | None:
        """When the next burst is due; None when there is nothing to tell."""
        return self.flushed_at + MERGE_MS if self.delta else None


def note(event: Marked, room: Room) -> None:
    """Count a check-in towards the next burst; who hides his streak is counted, not named."""
    bursting = room.state(Bursting)
    bursting.delta += 1
    bursting.today = room.counters.get(counted(event), 0)
    hidden = room.row(member(event.user.id)).of(Privacy).hide_streak
    if len(bursting.sample) < NAMED and not hidden:
        bursting.sample.append(Celebrated(user=event.user, streak=event.length))


def flush(room: Room, now: int) -> Iterable[Burst]:
    """The burst of this tick, if one is due."""
    bursting = room.state(Bursting)
    due = bursting.next_at()
    if due is None or now < due:
        return ()
    room.passing[Bursting] = Bursting(flushed_at=now)
    return (Burst(delta=bursting.delta, today=bursting.today, sample=tuple(bursting.sample)),)
