"""Who a connection says he is, once his token has been checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from room.people import GUEST_ID, Actor, Role

ROLES: Mapping[str, Role] = {"host": Role.HOST, "moderator": Role.MODERATOR}
"""Roles that a token may give, by their wire names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What a good token says: ``user`` "" is a guest; ``roles`` are by room or ``*``.

    ``expires`` and ``issued`` are in seconds since 1970.
    """

    user: str
    name: str
    expires: int
    avatar: str | None = None
    zone: str | None = None
    roles: Mapping[str, Role] = field(default_factory=dict)
    issued: int | None = None

    def role_in(self, room: str) -> Role:
        """What this person may do in a room."""
        if not self.user:
            return Role.GUEST
        return max(self.roles.get(room, Role.MEMBER), self.roles.get("*", Role.MEMBER))

    def at_most(self, before: Identity) -> Identity:
        """This identity with no higher role in any room than he had before: a refresh prolongs, it does not promote."""
        rooms = {*self.roles, *before.roles, "*"}
        return replace(self, roles={room: min(self.role_in(room), before.role_in(room)) for room in rooms})

    def actor(self, room: str, client: str) -> Actor:
        """This person as he acts in one room; a guest is called by his connection."""
        if not self.user:
            return Actor(id=f"{GUEST_ID}{client}", name=self.name or "guest", role=Role.GUEST)
        return Actor(id=self.user, name=self.name, role=self.role_in(room), avatar=self.avatar, zone=self.zone)


class InvalidToken(Exception):
    """A token that this server does not accept; the text says why, for the log, never for the client."""


class ExpiredToken(Exception):
    """A token that was good once."""


class Checks(Protocol):
    """Checks tokens."""

    def verify(self, token: str) -> Identity:
        """The identity that a token proves.

        Raises InvalidToken, ExpiredToken.
        """
