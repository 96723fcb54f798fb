"""How many may be here, and how fast they may come and ask: the ``[limits]`` of the configuration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

Some = Annotated[int, Meta(ge=1, le=1_000_000, description="a number from 1 to 1000000")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of one server process.

    ``connections`` in all (beyond: HTTP 503), of one user (``per_user``, beyond: close 3504) and of one address
    (``per_address``, an IPv6 /64 being one; only where ``server.proxies`` says whom to believe about addresses; beyond:
    503; an address may fail as often at once to show a good token, then once a second). ``arrivals`` are new
    connections a second, four seconds' worth of them at once (beyond: 503; None: however many, and nobody is put off
    while the loop lags). ``calls`` are commands of one user a second, ``burst`` of them at once (beyond: error 111, and
    3013 when he goes on); a host or moderator of any room has five times as many.
    """

    connections: Some = 50_000
    per_user: Some = 10
    per_address: Some = 50
    arrivals: Some | None = 200
    calls: Some = 20
    burst: Some = 40


STAFF_FACTOR = 5
"""Hosts and moderators work with tools that ask for much at once."""

ARRIVALS_AT_ONCE = 4
"""Seconds of arrivals that may come at once: a stream's start is a crowd, not a flood."""
