"""What the server says: results, one for each request, and pushes, which nobody asked for.

`data` is JSON as bytes on one line (raw newlines separate replies in a frame) and is sent as it is. Nothing here is
checked: the server trusts itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from room.value import value
from roomserver.centrifuge.codes import Error, Unsubscription


@value(frozen=True, slots=True, kw_only=True)
class Publication:
    """One entry of a channel's log; `offset` 0 where the channel has none."""

    data: bytes
    offset: int = 0


@value(frozen=True, slots=True)
class Recovered:
    """What was missed, oldest first; ``encoded`` keeps it in each encoding, since many may have missed the same."""

    publications: tuple[Publication, ...] = ()
    encoded: dict[str, bytes] = field(default_factory=dict, compare=False, repr=False)


NOTHING_MISSED = Recovered()

# --- results


@value(frozen=True, slots=True, kw_only=True)
class SubscribeResult:
    """A finished join: the position the client is at now, and the room's snapshot as `data`.

    A channel that recovers needs `recoverable`, `positioned`, `epoch` and `offset`. After an attempt to recover,
    `was_recovering` is true and `recovered` says whether `missed` is all that was, sent as `publications`.
    """

    recoverable: bool = False
    positioned: bool = False
    epoch: str = ""
    offset: int = 0
    was_recovering: bool = False
    recovered: bool = False
    missed: Recovered = NOTHING_MISSED
    data: bytes = b""


@value(frozen=True, slots=True, kw_only=True)
class ConnectResult:
    """An authenticated connection; `ping`: seconds between pings, `ttl`: until the token expires (None: never)."""

    client: str
    version: str
    ping: int
    pong: bool = True
    ttl: int | None = None
    data: bytes = b""
    subs: Mapping[str, SubscribeResult] = field(default_factory=dict)


@value(frozen=True, slots=True, kw_only=True)
class RefreshResult:
    """A new token was accepted; `ttl` as in ConnectResult."""

    client: str
    version: str
    ttl: int | None = None


@value(frozen=True, slots=True, kw_only=True)
class UnsubscribeResult:
    """The channel was left."""


@value(frozen=True, slots=True, kw_only=True)
class PublishResult:
    """The publication was taken."""


@value(frozen=True, slots=True, kw_only=True)
class ClientInfo:
    """One connection in a channel; `conn_info` is JSON, or empty."""

    client: str
    user: str
    conn_info: bytes = b""


@value(frozen=True, slots=True, kw_only=True)
class PresenceResult:
    """Who is in a channel, by client id."""

    presence: Mapping[str, ClientInfo]


@value(frozen=True, slots=True, kw_only=True)
class PresenceStatsResult:
    """How many are in a channel: connections and users."""

    num_clients: int
    num_users: int


@value(frozen=True, slots=True, kw_only=True)
class HistoryResult:
    """A part of a channel's log, and its newest position."""

    publications: tuple[Publication, ...]
    epoch: str
    offset: int


@value(frozen=True, slots=True, kw_only=True)
class PingResult:
    """The answer to a client's ping."""


@value(frozen=True, slots=True, kw_only=True)
class RpcResult:
    """A feature's reply."""

    data: bytes


Result = (
    ConnectResult
    | RefreshResult
    | SubscribeResult
    | UnsubscribeResult
    | PublishResult
    | PresenceResult
    | PresenceStatsResult
    | HistoryResult
    | PingResult
    | RpcResult
    | Error
)

# --- pushes


@value(frozen=True, slots=True, kw_only=True)
class Published:
    """A publication in a channel the client is in."""

    channel: str
    publication: Publication


@value(frozen=True, slots=True, kw_only=True)
class Unsubscribed:
    """The server ended a subscription."""

    channel: str
    why: Unsubscription


Push = Published | Unsubscribed
