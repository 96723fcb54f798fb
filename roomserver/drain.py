"""In which order a stopping server sends people away: viewers first, who keeps the room running last.

    guests and who has not said who he is ─ members ─ moderators ─ hosts

A wave is closed at once; the next one follows a moment later, so that whoever comes back does so spread over time. What
hosts send as a picture is carried until the last of them is gone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar

from room.people import Role
from roomserver.identity import Identity

WAVE = 100
WAVE_SECONDS = 0.05
"""2,000 closes a second."""


class Known(Protocol):
    """A connection, as far as its turn to go is concerned."""

    @property
    def identity(self) -> Identity | None:
        """Whom its token names; None before it has connected."""


K = TypeVar("K", bound=Known)


def turn_to_go(identity: Identity | None) -> Role:
    """The highest role that somebody has in any room: who has more of them goes later."""
    if identity is None or not identity.user:
        return Role.GUEST
    return max(identity.roles.values(), default=Role.MEMBER)


def waves(connections: Iterable[K]) -> list[list[K]]:
    """All connections in the order in which they are closed, at most ``WAVE`` of one role in each wave."""
    by_role: dict[Role, list[K]] = {}
    for connection in connections:
        by_role.setdefault(turn_to_go(connection.identity), []).append(connection)
    alike = [by_role[role] for role in sorted(by_role)]
    return [crowd[start : start + WAVE] for crowd in alike for start in range(0, len(crowd), WAVE)]
