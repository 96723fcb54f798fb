"""What a session wants done, in the order of the list it returns.

Every act but Reply, Push, Leave and Close asks the shell for something it answers later by a method of the session.
"""

from __future__ import annotations

from room.value import value
from roomserver.centrifuge.channels import Channel
from roomserver.centrifuge.codes import Disconnect
from roomserver.centrifuge.commands import Position
from roomserver.centrifuge.replies import Push as AnyPush
from roomserver.centrifuge.replies import Result


@value(frozen=True, slots=True, kw_only=True)
class Reply:
    """Send the answer to a command."""

    id: int
    result: Result


@value(frozen=True, slots=True, kw_only=True)
class Push:
    """Send what nobody asked for."""

    push: AnyPush


@value(frozen=True, slots=True, kw_only=True)
class Authenticate:
    """Check a token, of a connect or of a refresh; answered by `authenticated` or `refused`."""

    id: int
    token: str


@value(frozen=True, slots=True, kw_only=True)
class Join:
    """Let the client into a room's public or host channel; answered by `joined` or `join_refused`.

    `recover` is the position the client has, when he wants what came after it.
    """

    channel: Channel
    recover: Position | None


@value(frozen=True, slots=True, kw_only=True)
class Leave:
    """Take the client out of a channel he had joined; nothing answers it."""

    channel: Channel


@value(frozen=True, slots=True, kw_only=True)
class Call:
    """Carry out a feature's command or query; answered by `rpc_done` or `failed`.

    `room` is set when the command's place is known without its data (a publish to the room's channel), and counts
    whatever the data says; otherwise the data names the room.
    """

    id: int
    method: str
    data: bytes
    room: str | None = None


@value(frozen=True, slots=True, kw_only=True)
class Stats:
    """Count who is in a room; answered by `answered` with a PresenceStatsResult."""

    id: int
    room: str


@value(frozen=True, slots=True, kw_only=True)
class ListPresence:
    """List who is in a room; answered by `answered` with a PresenceResult, or `failed`."""

    id: int
    room: str


@value(frozen=True, slots=True, kw_only=True)
class ReadHistory:
    """Read a room's log; answered by `answered` with a HistoryResult, or `failed`.

    `limit` 0: the position only; negative: all there is. Newest first when `reverse`.
    """

    id: int
    room: str
    limit: int
    since: Position | None
    reverse: bool


@value(frozen=True, slots=True, kw_only=True)
class Close:
    """Close the connection with this code, after what was to be sent before; the session is over."""

    why: Disconnect


Act = Reply | Push | Authenticate | Join | Leave | Call | Stats | ListPresence | ReadHistory | Close
