"""Who is in one room at this moment: users, each with the connections through which he is here.

    away ──first connection──▶ connected ──last one ends──▶ in grace ──10 s──▶ away
                                   ▲                            │
                                   └────────comes back──────────┘

Connected users and those in grace are here: they are counted, listed, and do not enter anew.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from itertools import takewhile

from room.people import User

GRACE_MS = 10_000
"""How long a user stays after his last connection ended: a reload or a tunnel is not a departure."""

NAMED = 3
"""How many of those who entered together are named."""


@dataclass(slots=True, kw_only=True)
class Visit:
    """One user's stay, the ``number``-th that began in this room."""

    number: int
    guest: bool
    connections: set[str] = field(default_factory=set)


@dataclass(slots=True, kw_only=True)
class Entries:
    """Who entered since the last flush: how many, and the highest tiers among those who show themselves."""

    count: int = 0
    sample: list[User] = field(default_factory=list)

    def add(self, user: User, *, shown: bool) -> None:
        """One more user entered; earlier ones go before later ones of the same tier."""
        self.count += 1
        if shown:
            self.sample = sorted([*self.sample, user], key=lambda one: -one.tier)[:NAMED]


@dataclass(slots=True)
class Here:
    """The passing state of presence; all changes go through its three verbs.

    ``leaving`` holds when the grace of each user in grace ends, in the order in which they went. ``roll`` lists
    members by arrival, so that a page of it stays where it was while others come and go. Guests are not listed:
    they have no name to show.
    """

    visits: dict[str, Visit] = field(default_factory=dict)
    leaving: dict[str, int] = field(default_factory=dict)
    roll: list[tuple[int, str]] = field(default_factory=list)
    arrivals: int = 0
    clients: int = 0
    entries: Entries = field(default_factory=Entries)
    flushed_at: int = 0

    @property
    def users(self) -> int:
        """How many users are here, those in grace included."""
        return len(self.visits)

    def connections(self, user: str) -> set[str]:
        """The connections through which a user is here; empty in grace and when he is away."""
        visit = self.visits.get(user)
        return set() if visit is None else visit.connections

    def connect(self, user: str, connection: str, *, guest: bool) -> None:
        """A connection joined for this user."""
        visit = self.visits.get(user)
        if visit is None:
            self.arrivals += 1
            visit = self.visits[user] = Visit(number=self.arrivals, guest=guest)
            if not guest:
                self.roll.append((visit.number, user))
        self.leaving.pop(user, None)
        visit.connections.add(connection)
        self.clients += 1

    def disconnect(self, user: str, connection: str, now: int) -> None:
        """A connection of this user ended; the last one begins his grace."""
        left = self.connections(user)
        left.remove(connection)
        self.clients -= 1
        if not left:
            self.leaving[user] = now + GRACE_MS

    def leave(self, user: str) -> None:
        """A user's grace has ended: he is gone."""
        del self.leaving[user]
        visit = self.visits.pop(user)
        if not visit.guest:
            del self.roll[bisect_right(self.roll, (visit.number,))]

    def grace_over(self, user: str, now: int) -> bool:
        """Whether a user is in grace no longer than until now."""
        return user in self.leaving and self.leaving[user] <= now

    def overdue(self, now: int) -> Iterable[str]:
        """Users whose grace is over, in the order in which they went."""
        return [user for user, _ in takewhile(lambda one: one[1] <= now, self.leaving.items())]

    def page(self, after: int, limit: int, among: Container[str] | None = None) -> tuple[list[str], int | None]:
        """Members (of those ``among`` alone, if given) who arrived after a number, and after which the next begins."""
        roll = self.roll if among is None else [one for one in self.roll if one[1] in among]
        start = bisect_right(roll, (after + 1,))
        rows = roll[start : start + limit]
        more = start + limit < len(roll)
        return [user for _, user in rows], rows[-1][0] if more else None
