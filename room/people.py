"""Who acts in a room, and how he appears there."""

from __future__ import annotations

from dataclasses import field
from enum import IntEnum

from room.value import value

ROOM_ID = r"[A-Za-z0-9_-]{1,64}"
USER_ID = r"[A-Za-z0-9_.|:@-]{1,128}"
"""How ids of rooms and of users are written, on every edge alike."""

STEPS = frozenset({".", ".."})
"""No ids, though written like some: in an address they are steps, and a call about such a user is another one."""

GUEST_ID = "guest-"
"""How ids of guests begin; no token may name such a user."""


PLATFORM_ID = "operator"
"""Who the platform's back end is in events, in keys and in the audit log; no token may name such a user."""


class Role(IntEnum):
    """What a caller may do in one room; a higher role may do all that a lower one may."""

    GUEST = 0
    MEMBER = 1
    MODERATOR = 2
    HOST = 3
    OPERATOR = 4
    ROOM = 5
    """The room itself: commands that no person gives."""


@value(frozen=True, slots=True, kw_only=True)
class Actor:
    """Whoever gives a command: ``zone`` is his IANA time zone where he told it."""

    id: str
    name: str
    role: Role = Role.MEMBER
    avatar: str | None = None
    zone: str | None = None


@value(frozen=True, slots=True, kw_only=True)
class User:
    """A person as every event shows him."""

    id: str
    name: str
    tier: int = 0


@value(frozen=True, slots=True, kw_only=True)
class Entitlements:
    """What a member may use: ids of styles and effects, numbers of danmaku modes, weight where places are few."""

    styles: tuple[str, ...] = ("white",)
    modes: tuple[int, ...] = (1,)
    effect: str | None = None
    emotes: tuple[str, ...] = ()
    perks: tuple[str, ...] = ()
    weight: int = 1


@value(frozen=True, slots=True, kw_only=True)
class Standing:
    """A member's rank at this moment, which events, colours and entrances show."""

    tier: int = 0
    name: str = ""
    badge: str = ""
    entitlements: Entitlements = field(default_factory=Entitlements)
