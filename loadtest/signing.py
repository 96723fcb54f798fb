"""Tokens without asking anybody: for a server that the harness itself has started, with a secret it knows.

A JWT with HS256 (RFC 7515, 7519); thousands a second, where `POST /dev/token` gives hundreds.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from time import time

import msgspec

from loadtest.cast import Member

_LIFE = 6 * 3600


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs for one room; takes the place of `Platform` where a run needs tokens only."""

    secret: str
    room: str

    async def token(self, member: Member) -> str:
        """A token for `member`."""
        claims: dict[str, object] = {"sub": member.user, "exp": int(time()) + _LIFE, "info": {"name": member.name}}
        if member.role is not None:
            claims["roles"] = {self.room: member.role}
        return signed(self.secret, claims)


@dataclass(frozen=True, slots=True)
class Anonymous:
    """For peers, which ask nobody who he is."""

    async def token(self, member: Member) -> str:
        """What a peer takes for a token: anything."""
        return member.user


def signed(secret: str, claims: dict[str, object]) -> str:
    """The compact form of a token."""
    head = _base64(msgspec.json.encode({"alg": "HS256", "typ": "JWT"})) + b"." + _base64(msgspec.json.encode(claims))
    return (head + b"." + _base64(hmac.digest(secret.encode(), head, hashlib.sha256))).decode()


def _base64(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")
