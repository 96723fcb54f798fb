"""The request to become a WebSocket as nearly all clients write it: understood in one look, and answered.

What is not written so plainly is nobody's here: uvicorn's parser and the library's know all that HTTP allows, and how
to refuse it. What is let pass here they let pass with the same answer (a test holds one against the other).
"""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha1

from roomserver.frames import PROTOBUF, Knock, deflation, wants_protobuf

MOST_BYTES = 8 * 1024
"""Longer requests are not plain: the library bounds each line, and their number."""

PLAIN = re.compile(rb"GET (/[!-~]*) HTTP/1\.1\r\n((?:[A-Za-z0-9-]+:[ -~]*\r\n){1,128})\r\n")
"""A whole request without a body, in ASCII; no line of it can be read in two ways."""

KEY = re.compile(r"[A-Za-z0-9+/]{21}[AQgw]==")
"""Sixteen bytes in base64."""

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""What an accepted key is hashed with (RFC 6455, 1.3)."""

BODIED = frozenset({"content-length", "transfer-encoding", "expect"})
"""What announces a body, or asks about one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgrade:
    """Who wants to come in, what he is let in with, and the answer that lets him in."""

    knock: Knock
    protobuf: bool
    deflates: bool
    answer: bytes


def plain_upgrade(data: bytes, *, deflates: bool) -> Upgrade | None:
    """The request that these bytes are, when they are a whole and plain one; ``deflates``: compression may be taken."""
    read = PLAIN.fullmatch(data) if len(data) <= MOST_BYTES else None
    if read is None:
        return None
    fields: dict[str, str] = {}
    for line in read[2].decode().split("\r\n")[:-1]:
        name, _, value = line.partition(":")
        name = name.lower()
        if name in fields:
            return None
        fields[name] = value.strip(" ")
    if not _is_websocket(fields):
        return None
    return _upgrade(read[1].decode(), fields, deflates=deflates)


def _is_websocket(fields: dict[str, str]) -> bool:
    """RFC 6455, 4.2.1."""
    return (
        fields.get("upgrade", "").lower() == "websocket"
        and "upgrade" in _listed(fields.get("connection", "").lower())
        and fields.get("sec-websocket-version") == "13"
        and KEY.fullmatch(fields.get("sec-websocket-key", "")) is not None
        and "host" in fields
        and BODIED.isdisjoint(fields)
    )


def _upgrade(target: str, fields: dict[str, str], *, deflates: bool) -> Upgrade | None:
    offer, protocols = fields.get("sec-websocket-extensions"), fields.get("sec-websocket-protocol")
    try:
        agreed = deflation(offer) if deflates and offer is not None else None
    except ValueError:
        return None
    if protocols is not None and not re.fullmatch(r"[A-Za-z0-9.-]+(, ?[A-Za-z0-9.-]+)*", protocols):
        return None
    path, _, query = target.partition("?")
    chosen = protocols is not None and PROTOBUF in _listed(protocols)
    return Upgrade(
        knock=Knock(
            path=path,
            origin=fields.get("origin") or None,
            host=fields["host"],
            forwarded=fields.get("x-forwarded-for") or None,
        ),
        protobuf=chosen or wants_protobuf(query),
        deflates=agreed is not None,
        answer=_answer(fields["sec-websocket-key"], agreed, chosen=chosen),
    )


def _listed(value: str) -> list[str]:
    return [one.strip() for one in value.split(",")]


def _answer(key: str, agreed: str | None, *, chosen: bool) -> bytes:
    accepted = b64encode(sha1(key.encode() + GUID, usedforsecurity=False).digest())
    answer = (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: %b\r\n" % accepted
    )
    if agreed is not None:
        answer += b"Sec-WebSocket-Extensions: %b\r\n" % agreed.encode()
    if chosen:
        answer += b"Sec-WebSocket-Protocol: %b\r\n" % PROTOBUF.encode()
    return answer + b"\r\n"
