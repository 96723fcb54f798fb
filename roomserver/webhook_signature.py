"""Signatures of webhooks, as Standard Webhooks has them (standardwebhooks.com, scheme ``v1``).

webhook-id         the same at every attempt
webhook-timestamp  of the attempt, seconds since 1970
webhook-signature  "v1," + base64(HMAC-SHA256(secret, "{id}.{timestamp}.{body}")), one for each secret
"""

from __future__ import annotations

import hmac
from binascii import Error, a2b_base64, b2a_base64
from collections.abc import Mapping, Sequence

PREFIX = "whsec_"
LENGTHS = range(24, 65)
"""Bytes of a secret."""


def read_secret(text: str) -> bytes:
    """The bytes of a secret that is written ``whsec_`` and base64.

    Raises ValueError, which does not repeat it.
    """
    try:
        secret = a2b_base64(text.removeprefix(PREFIX).encode(), strict_mode=True)
    except (Error, UnicodeError):
        secret = b""
    if not text.startswith(PREFIX) or len(secret) not in LENGTHS:
        raise ValueError(f"no {PREFIX} and base64 of {LENGTHS[0]} to {LENGTHS[-1]} bytes")
    return secret


def signed(secrets: Sequence[bytes], message: str, at: int, body: bytes) -> Mapping[str, str]:
    """The headers of an attempt at an instant (seconds since 1970); with two secrets both sign."""
    content = b"%b.%d.%b" % (message.encode(), at, body)
    signatures = (b2a_base64(hmac.digest(secret, content, "sha256"), newline=False).decode() for secret in secrets)
    return {
        "webhook-id": message,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(f"v1,{one}" for one in signatures),
    }
