"""What members earn while they are here: full minutes watched and danmaku said, while the room is live.

It is counted in memory and commanded at most once a minute for each member, and when he leaves. So what the last minute
held is lost when the process dies, or when the store stays away: this is the declared loss window of 60 s.

The minute has 60 slots, and a member's id says which is his: a thousand members are seventeen commits a second, not a
thousand in one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from zlib import crc32

MINUTE = 60_000
SLOTS = 60
SLOT = MINUTE // SLOTS

KEPT = 64
"""Instants of each kind that are kept until a member's slot: nobody can say as much in a minute."""


@dataclass(slots=True)
class Stay:
    """One member's stay: the minute that is counted began at ``since`` (ms since 1970).

    ``minutes`` are the instants at which one was full when it was last counted, ``said`` those of danmaku; neither was
    given yet.
    """

    since: int
    minutes: list[int] = field(default_factory=list)
    said: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Earned:
    """What a member is to be given now, by the instants at which he earned it."""

    user: str
    minutes: tuple[int, ...] = ()
    said: tuple[int, ...] = ()


@dataclass(slots=True)
class Accrual:
    """The passing state: who is here, by slot, and since when the room is live, or is not.

    ``left`` are those who went and have not been given theirs. ``due`` is when the next slot comes.
    """

    stays: list[dict[str, Stay]] = field(default_factory=lambda: [{} for _ in range(SLOTS)])
    left: list[Earned] = field(default_factory=list)
    live: bool = False
    changed: int = 0
    due: int | None = None

    def arrive(self, user: str, now: int) -> None:
        """A member is here; one who was here already stays."""
        slot = slot_of(user)
        if user not in self.stays[slot]:
            self.stays[slot][user] = Stay(now)
            if self.live:
                self.due = min(self.due or _next(slot, now), _next(slot, now))

    def leave(self, user: str, now: int) -> None:
        """A member is gone: what he earned since his last slot is to be given."""
        stay = self.stays[slot_of(user)].pop(user, None)
        if stay is not None and (earned := self._earned(user, stay, now)) is not None:
            self.left.append(earned)

    def forget(self, user: str) -> None:
        """Nothing is to be given to him any more."""
        self.stays[slot_of(user)].pop(user, None)
        self.left = [one for one in self.left if one.user != user]

    def speak(self, user: str, now: int) -> None:
        """A member said something; it counts while the room is live."""
        stay = self.stays[slot_of(user)].get(user) if self.live else None
        if stay is not None and len(stay.said) < KEPT:
            stay.said.append(now)

    def go(self, now: int, *, live: bool) -> None:
        """The stream has begun, and everybody is counted from here; or it is over, and each gets his in his slot."""
        if live == self.live:
            return
        if self.live:
            for stay in (stay for slot in self.stays for stay in slot.values()):
                self._count(stay, now)
        self.live, self.changed = live, now
        self.due = self._following(now)

    @property
    def deadline(self) -> int | None:
        """When something is to be given: at once where somebody has left."""
        return 0 if self.left else self.due

    def take(self, now: int) -> list[Earned]:
        """What is to be given by now: to those who left, and to those whose slots have come."""
        taken, self.left = self.left, []
        if self.due is None or self.due > now:
            return taken
        for slot in self._come(self.due, now):
            taken += filter(None, (self._earned(user, stay, now) for user, stay in self.stays[slot].items()))
        self.due = self._following(now)
        return taken

    def _come(self, due: int, now: int) -> list[int]:
        """The slots that have come since one was due."""
        first, last = due // SLOT, now // SLOT
        return [one % SLOTS for one in range(max(first, last - SLOTS + 1), last + 1)]

    def _following(self, now: int) -> int | None:
        """When the next slot comes that anybody is in; none in a room that has not been live for a minute."""
        if not self.live and now > self.changed + MINUTE:
            return None
        return min((_next(slot, now) for slot in range(SLOTS) if self.stays[slot]), default=None)

    def _count(self, stay: Stay, now: int) -> None:
        """Take the full minutes up to now into account; the minute begun goes on."""
        since = max(stay.since, self.changed)
        minutes = max(now - since, 0) // MINUTE
        stay.since = since + minutes * MINUTE
        full = range(since + MINUTE, stay.since + 1, MINUTE)
        stay.minutes = [*stay.minutes, *full[-KEPT:]][-KEPT:]

    def _earned(self, user: str, stay: Stay, now: int) -> Earned | None:
        """What a stay has earned by now, which is counted no more from here on."""
        if self.live:
            self._count(stay, now)
        minutes, said, stay.minutes, stay.said = tuple(stay.minutes), tuple(stay.said), [], []
        return Earned(user=user, minutes=minutes, said=said) if minutes or said else None


def slot_of(user: str) -> int:
    """The slot of a member's id; spread evenly, and the same in every process."""
    return crc32(user.encode()) % SLOTS


def _next(slot: int, now: int) -> int:
    """The first instant after now at which a slot begins."""
    at = now // MINUTE * MINUTE + slot * SLOT
    return at if at > now else at + MINUTE
