"""Ids and keys in addresses and headers, as the wire contract spells them."""

from __future__ import annotations

from typing import Annotated

from fastapi import Header, Path
from pydantic import AfterValidator, Field

from room.people import GUEST_ID, PLATFORM_ID, ROOM_ID, STEPS, USER_ID
from roomserver.http.problems import ProblemRaised

ROOM = f"^{ROOM_ID}$"
USER = f"^{USER_ID}$"

RoomId = Annotated[str, Path(pattern=ROOM, description="1–64 letters, digits, _ and -")]


def _member(user: str) -> str:
    """Raises ValueError for a guest, another one with every connection, so nothing is kept; for nobody and oneself."""
    if user in STEPS:
        raise ValueError("a step in a path is no id")
    if user.startswith(GUEST_ID):
        raise ValueError(f"ids that begin with {GUEST_ID} are of guests, who are no members")
    if user == PLATFORM_ID:
        raise ValueError(f"{PLATFORM_ID} is the platform, which is no member")
    return user


UserId = Annotated[
    str, Path(pattern=USER, description="1–128 letters, digits and _ . | : @ -"), AfterValidator(_member)
]
HostId = Annotated[str, Field(pattern=rf"^$|{USER}"), AfterValidator(_member)]
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=64,
        pattern=r"^[!-~]+$",
        description="Names this attempt: the same key again is answered as the first time, and nothing is done twice.",
    ),
]


def required(key: str | None) -> str:
    """A key that must be there.

    Raises ProblemRaised.
    """
    if key is None:
        raise ProblemRaised(400, "an Idempotency-Key is required here: what is done twice counts twice")
    return key
