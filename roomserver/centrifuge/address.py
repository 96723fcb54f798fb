"""Which room a request is about."""

from __future__ import annotations

import msgspec

from roomserver.centrifuge import commands
from roomserver.centrifuge.channels import Channel, Kind


def room_of(request: commands.Request) -> str | None:
    """The id in the channel, or in the data of an rpc; None when the request names no room, or is unreadable."""
    match request:
        case commands.Rpc(data=data):
            return _room_in(data)
        case (
            commands.Subscribe(channel=name)
            | commands.Unsubscribe(channel=name)
            | commands.Publish(channel=name)
            | commands.Presence(channel=name)
            | commands.PresenceStats(channel=name)
            | commands.History(channel=name)
        ):
            channel = Channel.parse(name)
            return channel.id if channel is not None and channel.kind is not Kind.USER else None
        case _:
            return None


class _Place(msgspec.Struct):
    room: str | None = None


_PLACE = msgspec.json.Decoder(_Place)


def _room_in(data: msgspec.Raw) -> str | None:
    try:
        return _PLACE.decode(data).room
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None  # whoever carries the request out will say what is wrong
