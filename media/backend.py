"""What carries the picture, as the room server sees it: seven names, whoever answers to them.

A backend ends the connection itself (``Answer``) or says where to go instead (``Redirect``). It knows rooms, members
and slots only as names; who may do what was decided before it is asked.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, Protocol

MAIN = "main"
"""The slot of a room's host."""

SLOTS = (MAIN, "guest1", "guest2", "guest3")
"""The places of a picture: the host, and who is on stage with him."""


CHECK = "check"
"""No place: a host's picture that nobody sees, for a moment, so that he knows how his line is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IceServer:
    """A STUN or TURN server for clients that cannot reach the media port directly."""

    url: str
    username: str | None = None
    credential: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The connection ends here: the SDP answer, the session's name and the tag of its ICE credentials."""

    sdp: str
    session: str
    etag: str | None = None
    ice_servers: tuple[IceServer, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """The connection ends elsewhere: post the same offer to ``url``."""

    protocol: Literal["whip", "whep"]
    url: str
    ice_servers: tuple[IceServer, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishLimits:
    """What a publisher is asked to keep to; ``bitrate`` in bits a second."""

    bitrate: int = 2_500_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Patched:
    """What became of a PATCH: nothing to say, or new ICE credentials as an SDP fragment, with their tag."""

    fragment: str | None = None
    etag: str | None = None


class Reason(StrEnum):
    """Why a backend does not do what it is asked; each has its status over HTTP."""

    MALFORMED = "malformed"
    UNACCEPTABLE = "unacceptable"
    NOT_LIVE = "not_live"
    OCCUPIED = "occupied"
    NO_SESSION = "no_session"
    NO_TAG = "no_tag"
    STALE_TAG = "stale_tag"
    FULL = "full"
    MANY = "many"
    AWAY = "away"
    NONE = "none"


class Rejected(Exception):
    """A backend does not do it; ``retry_after`` in seconds, where waiting helps."""

    def __init__(self, reason: Reason, detail: str, *, retry_after: int | None = None) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A member's picture has begun to come in."""

    room: str
    member: str
    slot: str
    session: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpublished:
    """A member's picture has ended: by request, ``replaced`` by his next one, ``lost``; or it ``never`` came."""

    room: str
    member: str
    slot: str
    session: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Playing:
    """A viewer is connected."""

    room: str
    member: str
    session: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """A viewer is connected no more."""

    room: str
    member: str
    session: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """How a publisher's picture arrives has changed; ``loss`` is a share, ``bitrate`` in bits a second."""

    room: str
    member: str
    slot: str
    level: Literal["good", "poor"]
    loss: float
    bitrate: int


MediaEvent = Published | Unpublished | Playing | Gone | Quality


class MediaBackend(Protocol):
    """Whoever carries the picture. Every method may raise Rejected."""

    @property
    def capabilities(self) -> frozenset[str]:
        """Some of ``slots``, ``trickle``, ``ice-restart``, ``stats``: what is not here is not to be relied on."""

    @property
    def ice_servers(self) -> tuple[IceServer, ...]:
        """Those that go with every answer, for who asks before he offers."""

    async def publish(self, room: str, member: str, slot: str, offer: str, limits: PublishLimits) -> Answer | Redirect:
        """Take a member's picture into a slot; his last one there ends."""

    async def play(self, room: str, member: str, slots: Sequence[str], offer: str) -> Answer | Redirect:
        """Show some of a room's slots: the offer's first audio and video are of the first slot, and so on."""

    async def patch(self, session: str, fragment: str, if_match: str | None) -> Patched:
        """Take candidates (``if_match`` is the tag) or restart ICE (``*``)."""

    async def close(self, session: str, reason: str) -> None:
        """End a session, if there is one of that name."""

    async def stage(self, room: str, slots: Mapping[str, str | None], muted: Collection[str] = ()) -> None:
        """Show these members' pictures in these slots from their next key frames on; None empties a slot.

        Who is ``muted`` is seen and not heard, in any slot.
        """

    def events(self) -> AsyncIterator[MediaEvent]:
        """What happens, until the backend is closed; for one listener."""

    def counts(self) -> Mapping[str, float]:
        """Numbers for metrics, by name; those that end in ``_total`` only grow."""
