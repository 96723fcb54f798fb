"""The opening handshake of RFC 6455, section 4, as values."""

from __future__ import annotations

import base64
import hashlib

from loadtest.faults import HandshakeRefused, TurnedAway
from loadtest.target import Target

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
LONGEST_HEAD = 16 * 1024


# The only form in which a compressed frame is the same for everybody (RFC 7692, 7.1.1).
DEFLATE = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"


def request(target: Target, key: bytes, path: str | None = None, *, deflate: bool = False) -> bytes:
    """The client's request, for the target's path or another one; `key` is 16 bytes in base64."""
    lines = [
        f"GET {path or target.path} HTTP/1.1",
        f"Host: {target.authority}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key.decode('ascii')}",
        "Sec-WebSocket-Version: 13",
    ]
    if deflate:
        lines.append(f"Sec-WebSocket-Extensions: {DEFLATE}")
    return "\r\n".join((*lines, "", "")).encode("ascii")


def accept_for(key: bytes) -> str:
    """What the server must answer to `key` (section 4.2.2)."""
    return base64.b64encode(hashlib.sha1(key + _GUID, usedforsecurity=False).digest()).decode("ascii")


def check(head: bytes, key: bytes, *, deflate: bool = False) -> None:
    """Accept the server's answer, `head` being everything before the empty line.

    Raises:
        TurnedAway: when it is 503.
        HandshakeRefused: when it is not 101, upgrades to something else, or its `Sec-WebSocket-Accept` is wrong.
    """
    first, *rest = head.decode("latin-1").split("\r\n")
    _, _, status = first.partition(" ")
    if first.startswith("HTTP/1.1 ") and status[:3] == "503":
        raise TurnedAway(f"The server takes nobody in at the moment, it answered {first[:100]!r}.")
    if not first.startswith("HTTP/1.1 ") or status[:3] != "101":
        raise HandshakeRefused(f"The server opened no WebSocket, it answered {first[:100]!r}.")
    fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}
    if fields.get("upgrade", "").lower() != "websocket":
        raise HandshakeRefused("The server's handshake does not upgrade to WebSocket.")
    if fields.get("sec-websocket-accept") != accept_for(key):
        raise HandshakeRefused("The server's handshake has a wrong Sec-WebSocket-Accept.")
    extensions = fields.get("sec-websocket-extensions", "")
    if deflate and "server_no_context_takeover" in extensions:
        return
    if deflate and not extensions:
        raise HandshakeRefused("The server does not compress.")
    if extensions:
        raise HandshakeRefused("The server's handshake switches on an extension nobody offered.")
