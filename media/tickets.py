"""What a client takes along to another server, so that it can ask whether this one has sent him.

A browser drops its ``Authorization`` header on the way to another site: the ticket is in the address. It says who may
do what in which room, until when, under a code that only this server can make (HMAC-SHA256).
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

LIFE_SECONDS = 60
"""From the redirect to the offer at the other server is one request."""

LONGEST = 1024
_CODE = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """Somebody may publish, or watch, in a room until an instant (seconds since 1970)."""

    room: str
    member: str
    publishes: bool
    until: int


class Tickets:
    """Gives tickets and knows its own; ``now`` gives seconds since 1970."""

    def __init__(self, secret: bytes, now: Callable[[], int]) -> None:
        self._secret = hashlib.sha256(b"picture ticket\0" + secret).digest()
        self._now = now

    def give(self, room: str, member: str, *, publishes: bool) -> str:
        """A ticket as text that an address can hold."""
        ticket = Ticket(room=room, member=member, publishes=publishes, until=self._now() + LIFE_SECONDS)
        said = msgspec.json.encode(ticket)
        return urlsafe_b64encode(self._code(said) + said).decode().rstrip("=")

    def read(self, text: str, *, over: bool = False) -> Ticket | None:
        """The ticket that a text is; None when it is none of ours, or too old, unless it may be ``over``."""
        try:
            data = urlsafe_b64decode((text[:LONGEST] + "=" * (-len(text) % 4)).encode("ascii"))
        except ValueError:
            return None
        code, said = data[:_CODE], data[_CODE:]
        if not hmac.compare_digest(code, self._code(said)):
            return None
        ticket = msgspec.json.decode(said, type=Ticket)
        return ticket if over or ticket.until >= self._now() else None

    def _code(self, said: bytes) -> bytes:
        return hmac.digest(self._secret, said, "sha256")
