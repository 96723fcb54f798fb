"""Short names of long texts."""

from __future__ import annotations

from binascii import b2a_base64
from hashlib import blake2b

LENGTH = 8
"""Characters of a fingerprint."""


def fingerprint(text: str) -> str:
    """48 bits of a text: of a thousand members who retry, none is ever taken for another attempt of his."""
    return b2a_base64(blake2b(text.encode(), digest_size=6).digest(), newline=False).decode()
