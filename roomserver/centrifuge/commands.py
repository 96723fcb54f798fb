"""What a client asks: a command is an id and one request, the same for both encodings.

The classes are msgspec Structs because the JSON codec decodes straight into them; field names are the wire's. What is
listed is checked, though this server uses only some of it; the rest is skipped. `data` is the client's JSON, neither
copied nor looked into: it may be empty (none was sent), and from Protobuf it may not be JSON at all.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

Uint32 = Annotated[int, msgspec.Meta(ge=0, le=2**32 - 1)]
Int32 = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]
Offset = Annotated[int, msgspec.Meta(ge=0)]


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """A place in a channel's log; `offset` is that of the last publication seen."""

    offset: Offset = 0
    epoch: str = ""


class Connect(msgspec.Struct, frozen=True, kw_only=True):
    """Authenticate this connection; `name` and `version` are the SDK's."""

    token: str = ""
    data: msgspec.Raw = msgspec.Raw()
    name: str = ""
    version: str = ""


class Subscribe(msgspec.Struct, frozen=True, kw_only=True):
    """Join a channel; with `recover` the client has all up to `offset` of `epoch` and wants the rest."""

    channel: str = ""
    token: str = ""
    recover: bool = False
    epoch: str = ""
    offset: Offset = 0
    data: msgspec.Raw = msgspec.Raw()


class Unsubscribe(msgspec.Struct, frozen=True, kw_only=True):
    """Leave a channel."""

    channel: str = ""


class Publish(msgspec.Struct, frozen=True, kw_only=True):
    """Say something in a channel."""

    channel: str = ""
    data: msgspec.Raw = msgspec.Raw()


class Presence(msgspec.Struct, frozen=True, kw_only=True):
    """List who is in a channel."""

    channel: str = ""


class PresenceStats(msgspec.Struct, frozen=True, kw_only=True):
    """Count who is in a channel."""

    channel: str = ""


class History(msgspec.Struct, frozen=True, kw_only=True):
    """Read a channel's log: `limit` 0 asks for the position only, a negative one for all there is."""

    channel: str = ""
    limit: Int32 = 0
    since: Position | None = None
    reverse: bool = False


class Ping(msgspec.Struct, frozen=True, kw_only=True):
    """Ask for an answer, to measure the way there and back."""


class Send(msgspec.Struct, frozen=True, kw_only=True):
    """A message nobody answers; the only request whose id may be 0."""

    data: msgspec.Raw = msgspec.Raw()


class Rpc(msgspec.Struct, frozen=True, kw_only=True):
    """Call a feature: `method` is `feature.verb`."""

    method: str = ""
    data: msgspec.Raw = msgspec.Raw()


class Refresh(msgspec.Struct, frozen=True, kw_only=True):
    """Replace the token that authenticated this connection."""

    token: str = ""


class SubRefresh(msgspec.Struct, frozen=True, kw_only=True):
    """Replace the token of one subscription; this server has no such tokens."""

    channel: str = ""
    token: str = ""


class Pong(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to the server's ping: on the wire a command that is empty."""


Request = (
    Connect
    | Subscribe
    | Unsubscribe
    | Publish
    | Presence
    | PresenceStats
    | History
    | Ping
    | Send
    | Rpc
    | Refresh
    | SubRefresh
    | Pong
)


class Command(msgspec.Struct, frozen=True):
    """One request and the number its reply will carry (0 in a pong and perhaps in a `send`, which have no reply)."""

    id: int
    request: Request
