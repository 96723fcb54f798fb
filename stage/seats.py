"""The seats of a stage, as a value: one row for all of them, so that two hosts cannot give one seat away twice.

    free ──invite──▶ invited ──accept──▶ on
     ▲                │   │               │
     └──60 s, leave───┘   └───────────────┴── leave, kick, gone

``number`` grows with every seat that is taken: a picture that was begun under an older one is over.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from room.people import User
from room.value import value

MAIN = "main"
SLOTS = ("guest1", "guest2", "guest3")
"""Beside the host's own, named as in WHIP and WHEP requests."""

INVITED_MS = 60_000
"""How long an invitation holds."""


@value(frozen=True, slots=True, kw_only=True)
class Seat:
    """Somebody's seat: since when, until when he may accept, whether he is heard."""

    slot: str
    user: User
    state: Literal["invited", "on"]
    number: int
    since: int
    until: int | None = None
    muted: bool = False


@value(frozen=True, slots=True, kw_only=True)
class Seats:
    """The stage's part of the room; ``spotlight`` is whose picture is in the main slot instead of the host's."""

    seats: tuple[Seat, ...] = ()
    number: int = 0
    spotlight: str | None = None

    def of(self, user: str) -> Seat | None:
        """A user's seat, or his invitation."""
        return next((seat for seat in self.seats if seat.user.id == user), None)

    def free(self) -> str | None:
        """The first slot that nobody has."""
        taken = {seat.slot for seat in self.seats}
        return next((slot for slot in SLOTS if slot not in taken), None)

    def invited(self, user: User, slot: str, now: int) -> Seats:
        """With an invitation for somebody."""
        seat = Seat(slot=slot, user=user, state="invited", number=0, since=now, until=now + INVITED_MS)
        return replace(self, seats=(*self.seats, seat))

    def accepted(self, user: str, now: int) -> Seats:
        """With somebody on stage who was invited."""
        number = self.number + 1
        seats = (
            replace(seat, state="on", number=number, since=now, until=None) if seat.user.id == user else seat
            for seat in self.seats
        )
        return replace(self, seats=tuple(seats), number=number)

    def muted(self, user: str, muted: bool) -> Seats:
        """With somebody heard, or not."""
        seats = (replace(seat, muted=muted) if seat.user.id == user else seat for seat in self.seats)
        return replace(self, seats=tuple(seats))

    def without(self, users: frozenset[str]) -> Seats:
        """Without some people, and with nobody of them in the main slot."""
        spotlight = None if self.spotlight in users else self.spotlight
        return replace(self, seats=tuple(seat for seat in self.seats if seat.user.id not in users), spotlight=spotlight)

    def lapsed(self, now: int) -> frozenset[str]:
        """Who has not accepted in time."""
        return frozenset(seat.user.id for seat in self.seats if seat.until is not None and seat.until <= now)
