"""Who follows a room's log: most are written to at once, a few are behind because their transport takes no more.

    follows ─ up to date ──transport full──▶ behind ──it has read──▶ catches up from the log ─▶ up to date
                                               │                          │
                                               └─ goes: a gap             └─ the log has left him behind: a gap, 2500

Every batch owes one delivery to everybody who follows. What is owed is written, caught up, part of a declared gap, or
still outstanding to somebody behind: nothing else, ever, and ``Ledger`` says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from roomserver.centrifuge.replies import Recovered
from roomserver.hub import Connection, Fanout, Listeners
from roomserver.ring import Entry, Ring


class Follower(Connection, Protocol):
    """A connection that may fall behind."""

    @property
    def paused(self) -> bool:
        """Whether its transport takes no more at the moment."""


F = TypeVar("F", bound=Follower)


@dataclass(slots=True)
class Ledger:
    """Deliveries of one room's batches: what was owed, and what became of it."""

    owed: int = 0
    written: int = 0
    failed: int = 0
    caught_up: int = 0
    gaps: int = 0

    def add(self, other: Ledger) -> None:
        """Take over another one's sums."""
        for name in ("owed", "written", "failed", "caught_up", "gaps"):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def balances(self, outstanding: int) -> bool:
        """Whether every delivery is accounted for, given what those who are behind have still to come."""
        return self.owed == self.written + self.failed + self.caught_up + self.gaps + outstanding


@dataclass(slots=True)
class _Behind:
    """Where somebody stands: in which log, and of how many batches and bytes that the room ever published."""

    epoch: str
    offset: int
    batches: int
    bytes: int


class Followers(Generic[F]):
    """The public channel of one room with those who are behind."""

    def __init__(self, name: str, ring: Ring, fanout: Fanout) -> None:
        self.ring = ring
        self.ledger = Ledger()
        self.listeners: Listeners[F] = Listeners(name, fanout)
        self._fanout = fanout
        self._behind: dict[F, _Behind] = {}
        self._batches = 0
        self._bytes = 0

    def __len__(self) -> int:
        return len(self.listeners) + len(self._behind)

    @property
    def up_to_date(self) -> int:
        """How many have been written everything."""
        return len(self.listeners)

    def follow(self, follower: F) -> None:
        """From the newest batch on."""
        if follower.paused:
            self.fall_behind(follower)
        else:
            self.listeners.add(follower)

    def unfollow(self, follower: F) -> None:
        """He goes; what he had still to come he does not get."""
        self.listeners.remove(follower)
        behind = self._behind.pop(follower, None)
        if behind is not None:
            self.ledger.gaps += self._batches - behind.batches

    def publish(self, data: bytes) -> int:
        """Keep a batch in the log and write it to all who are up to date; how many that were."""
        entry = self.ring.append(data)
        self._batches += 1
        self._bytes += len(data)
        up_to_date = len(self.listeners)
        self.ledger.owed += len(self)
        reached = self.listeners.publish(entry.offset, data, entry.frames)
        self.ledger.written += reached
        self.ledger.failed += up_to_date - reached
        return reached

    def recovered(self, epoch: str, offset: int) -> Recovered | None:
        """All batches after a position for somebody who comes back, or None when they are not all in the log."""
        known = self.ring.answers
        found = self.ring.recovered(epoch, offset)
        self._fanout.recovered += self.ring.answers - known
        return found

    def fall_behind(self, follower: F) -> None:
        """He takes no more: nothing is written to him, and where he stands is noted."""
        if follower in self._behind:  # what he caught up with has filled his transport again: he stands where he got to
            return
        self.listeners.remove(follower)
        self._behind[follower] = _Behind(self.ring.epoch, self.ring.offset, self._batches, self._bytes)

    def catch_up(self, follower: F) -> bool:
        """Write what he missed, as much as he takes; False when the log no longer has it all.

        What he missed may fill his transport again: then he stays behind, from there on.
        """
        behind = self._behind.get(follower)
        if behind is None:
            return True
        missed = self.ring.since(behind.epoch, behind.offset)
        if missed is None:
            return False
        for entry in missed:
            if follower.paused:
                return True
            self._write(follower, behind, entry)
        if not follower.paused:
            del self._behind[follower]
            self.listeners.add(follower)
        return True

    def _write(self, follower: F, behind: _Behind, entry: Entry) -> None:
        """The position first: a write may fill the transport, and then it is this that says where he stands."""
        behind.offset = entry.offset
        behind.batches += 1
        behind.bytes += len(entry.data)
        self.ledger.caught_up += 1
        follower.write(self.listeners.frame(follower.variant, entry.offset, entry.data, entry.frames))

    def lag(self, follower: F) -> int:
        """How many bytes of the log he has still to come."""
        behind = self._behind.get(follower)
        return 0 if behind is None else self._bytes - behind.bytes

    def outstanding(self) -> int:
        """Deliveries that are owed to those who are behind."""
        return sum(self._batches - behind.batches for behind in self._behind.values())

    def begin(self, ring: Ring) -> tuple[F, ...]:
        """Begin a new log; who was up to date with the old one, and must come back."""
        self.ring = ring
        return self.listeners.members()
