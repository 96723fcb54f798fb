"""Chance of this package: names that nobody may guess."""

from __future__ import annotations

import secrets

from media.answer import Credentials


def credentials() -> Credentials:
    """New names of an ICE agent: 48 and 144 bits (RFC 8445, 5.3: at least 24 and 128)."""
    return Credentials(fragment=secrets.token_hex(6), password=secrets.token_hex(18))


def session_name() -> str:
    """A new session's name: 144 bits, so that its address is known only to whom it was told."""
    return secrets.token_urlsafe(18)


def ssrc() -> int:
    """A stream's number; small ones are used where a number is needed that means nobody."""
    return secrets.randbelow((1 << 32) - 256) + 256


def start() -> int:
    """Where a line of sequence numbers or timestamps begins (RFC 3550, 5.1)."""
    return secrets.randbelow(1 << 15)
