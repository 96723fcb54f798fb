"""The Centrifuge client protocol in JSON, as far as a simulated viewer needs it.

What viewers only count is left undecoded (`Raw`), and what is sent to all alike is decoded once for all of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

import msgspec
from msgspec import Raw, Struct

from loadtest.faults import WireFault

PONG: Final = b"{}"
CONNECTION_LOST: Final = 0  # not a code of the protocol: the harness' own word for "no reply will ever come"
NO_ANSWER: Final = -1  # likewise: the time for a reply is over


_RETRY = re.compile(r"; retry in (\d{1,7}) ms$")


class Refusal(Struct, frozen=True):
    """Why a command was refused."""

    code: int
    message: str = ""
    temporary: bool = False

    @property
    def wait(self) -> float:
        """Seconds after which it may be tried again: as the message ends, or one."""
        found = _RETRY.search(self.message)
        return int(found[1]) / 1000 if found else 1.0


class Publication(Struct, frozen=True):
    """One publication; `offset` is 0 in channels without a log."""

    data: Raw
    offset: int = 0


class ConnectResult(Struct, frozen=True):
    """The reply to `connect`."""

    client: str
    ping: int = 0
    pong: bool = False


class SubscribeResult(Struct, frozen=True):
    """The reply to `subscribe`; `data` is the room snapshot."""

    epoch: str = ""
    offset: int = 0
    was_recovering: bool = False
    recovered: bool = False
    publications: tuple[Publication, ...] = ()
    data: Raw = Raw(b"null")


class RpcResult(Struct, frozen=True):
    """The reply to `rpc`."""

    data: Raw = Raw(b"null")


class Notice(Struct, frozen=True):
    """Why the server ends a subscription or the connection."""

    code: int = 0
    reason: str = ""


class Push(Struct, frozen=True):
    """What the server says unasked."""

    channel: str = ""
    pub: Publication | None = None
    unsubscribe: Notice | None = None
    disconnect: Notice | None = None


class Reply(Struct, frozen=True):
    """One line of a frame: a reply when it has an id, a push when it has one, else a ping."""

    id: int = 0
    error: Refusal | None = None
    connect: ConnectResult | None = None
    subscribe: SubscribeResult | None = None
    rpc: RpcResult | None = None
    push: Push | None = None


class Happening(Struct, frozen=True):
    """The head of an event in a batch; what the harness does not count stays undecoded."""

    type: str
    id: str
    delta: int = 0
    merged: tuple[str, ...] = ()


class Batch(Struct, frozen=True):
    """One tick of a room."""

    events: tuple[Happening, ...] = ()
    online: int | None = None
    shed: dict[str, int] = {}


class Heard(NamedTuple):
    """A batch with the ids of its events and of what they stand for, in order, made once for all viewers."""

    batch: Batch
    ids: tuple[str, ...]


class _Connect(Struct, frozen=True):
    token: str
    name: str = "loadtest"


class _Subscribe(Struct, frozen=True, omit_defaults=True):
    channel: str
    recover: bool = False
    epoch: str = ""
    offset: int = 0


class _Rpc(Struct, frozen=True):
    method: str
    data: Mapping[str, object]


class Command(Struct, frozen=True, omit_defaults=True):
    """A command without its id, which the connection gives it."""

    id: int = 0
    connect: _Connect | None = None
    subscribe: _Subscribe | None = None
    rpc: _Rpc | None = None


class Position(Struct, frozen=True):
    """How far a viewer has read a channel's log."""

    epoch: str
    offset: int


def connect(token: str) -> Command:
    """Authenticate with `token`."""
    return Command(connect=_Connect(token=token))


def subscribe(channel: str, since: Position | None = None) -> Command:
    """Join `channel`, and recover what was said after `since`."""
    if since is None:
        return Command(subscribe=_Subscribe(channel=channel))
    return Command(subscribe=_Subscribe(channel=channel, recover=True, epoch=since.epoch, offset=since.offset))


def rpc(method: str, data: Mapping[str, object]) -> Command:
    """Call a feature."""
    return Command(rpc=_Rpc(method=method, data=data))


_encoder = msgspec.json.Encoder()
_replies = msgspec.json.Decoder(Reply)
_batches = msgspec.json.Decoder(Batch)


def encode(command: Command, number: int) -> bytes:
    """One line for `command` under the id `number`."""
    return _encoder.encode(Command(number, command.connect, command.subscribe, command.rpc))


def decode(payload: bytes) -> tuple[Reply, ...]:
    """The lines of one text frame.

    Raises:
        WireFault: for a line that is not a reply.
    """
    try:
        return tuple(map(_replies.decode, payload.split(b"\n")))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise WireFault(f"The server sent a line that is no reply: {error}.") from error


def decode_batch(data: Raw) -> Heard:
    """The batch in a room's publication.

    Raises:
        WireFault: when it is none.
    """
    try:
        batch = _batches.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise WireFault(f"The server sent a publication that is no batch: {error}.") from error
    return Heard(batch, tuple([one for event in batch.events for one in (event.id, *event.merged)]))
