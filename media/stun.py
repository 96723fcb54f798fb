"""STUN as an ICE-lite agent speaks it (RFC 8445, 2.5): it answers, and never asks; the door to aioice."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from aioice import stun

Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Check:
    """A connectivity check: ``fragment`` is whom it is for; ``nominates``: its sender wants to be written to there."""

    fragment: str
    nominates: bool
    message: stun.Message


def read(data: bytes) -> Check | None:
    """The check that a datagram holds, not yet believed; None when it holds none."""
    try:
        message = stun.parse_message(data)
    except (ValueError, struct.error, LookupError):
        return None
    if message.message_method != stun.Method.BINDING or message.message_class != stun.Class.REQUEST:
        return None
    name = message.attributes.get("USERNAME")
    if not isinstance(name, str):
        return None
    return Check(name.partition(":")[0], "USE-CANDIDATE" in message.attributes, message)


def authentic(check: Check, password: str) -> bool:
    """Whether it was made by somebody who knows the password."""
    return check.message.check_message_integrity(password.encode())


def answer(check: Check, seen: Address, password: str) -> bytes:
    """What its sender is told: under which address he is seen."""
    response = stun.Message(
        message_method=stun.Method.BINDING,
        message_class=stun.Class.RESPONSE,
        transaction_id=check.message.transaction_id,
    )
    response.attributes["XOR-MAPPED-ADDRESS"] = seen
    response.add_message_integrity(password.encode())
    return bytes(response)
