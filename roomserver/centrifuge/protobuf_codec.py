"""The Protobuf encoding: messages of client.proto, each after its length as a varint; an empty one as ping and pong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from io import BytesIO
from typing import Any, Final

import msgspec
from google.protobuf import proto
from google.protobuf.message import DecodeError

from roomserver.centrifuge import client_pb2 as pb
from roomserver.centrifuge import commands, replies
from roomserver.centrifuge.codec import MalformedFrame
from roomserver.centrifuge.codes import Error


class ProtobufCodec:
    """The encoding of the subprotocol `centrifuge-protobuf`."""

    text: Final = False
    ping: Final = b"\x00"

    def decode(self, frame: bytes) -> list[commands.Command]:
        """Read messages until the frame ends."""
        try:
            commands = [_command(message) for message in _messages(BytesIO(frame))]
        except (DecodeError, ValueError, OverflowError) as error:  # the last two: a length that is cut off or absurd
            raise MalformedFrame(str(error)) from error
        if not commands:
            raise MalformedFrame("an empty frame")
        return commands

    def encode_reply(self, command_id: int, result: replies.Result) -> bytes:
        """Encode as a Reply with the id and one result, or an error."""
        name, message = _RESULTS[type(result)]
        return _delimited(pb.Reply(id=command_id, **{name: message(result)}))

    def encode_push(self, push: replies.Push) -> bytes:
        """Encode as a Reply with a push."""
        return _delimited(pb.Reply(push=_PUSHES[type(push)](push)))

    def encode_publication(self, channel: str, offset: int, data: bytes) -> bytes:
        """Encode as `encode_push(Published(…))` does, without the detour."""
        return _delimited(pb.Reply(push=pb.Push(channel=channel, pub=pb.Publication(offset=offset, data=data))))

    def join(self, parts: Sequence[bytes]) -> bytes:
        """Join as they are: every part begins with its length."""
        return b"".join(parts)


# --- decoding


def _messages(frame: BytesIO) -> Iterable[pb.Command]:
    while (message := proto.parse_length_prefixed(pb.Command, frame)) is not None:
        yield message


def _command(message: pb.Command) -> commands.Command:
    request = _request(message)
    if message.id == 0 and not isinstance(request, commands.Send | commands.Pong):
        raise MalformedFrame("a command without an id")
    return commands.Command(message.id, request)


def _request(message: pb.Command) -> commands.Request:
    for field, value in message.ListFields():  # those that are set, in the order of their numbers
        if field.name != "id":
            return _REQUESTS[field.name](value)
    if message.id:
        raise MalformedFrame("a command without a request")
    return commands.Pong()


def _connect_request(request: pb.ConnectRequest) -> commands.Connect:
    return commands.Connect(token=request.token, data=_raw(request.data), name=request.name, version=request.version)


def _subscribe_request(request: pb.SubscribeRequest) -> commands.Subscribe:
    return commands.Subscribe(
        channel=request.channel,
        token=request.token,
        recover=request.recover,
        epoch=request.epoch,
        offset=request.offset,
        data=_raw(request.data),
    )


def _history_request(request: pb.HistoryRequest) -> commands.History:
    since = (
        commands.Position(offset=request.since.offset, epoch=request.since.epoch) if request.HasField("since") else None
    )
    return commands.History(channel=request.channel, limit=request.limit, since=since, reverse=request.reverse)


def _raw(data: bytes) -> msgspec.Raw:
    return msgspec.Raw(data)


# Any, here and below: each function takes the message it stands beside, which a mapping's type cannot say.
_REQUESTS: Mapping[str, Callable[[Any], commands.Request]] = {
    "connect": _connect_request,
    "subscribe": _subscribe_request,
    "unsubscribe": lambda request: commands.Unsubscribe(channel=request.channel),
    "publish": lambda request: commands.Publish(channel=request.channel, data=_raw(request.data)),
    "presence": lambda request: commands.Presence(channel=request.channel),
    "presence_stats": lambda request: commands.PresenceStats(channel=request.channel),
    "history": _history_request,
    "ping": lambda _: commands.Ping(),
    "send": lambda request: commands.Send(data=_raw(request.data)),
    "rpc": lambda request: commands.Rpc(method=request.method, data=_raw(request.data)),
    "refresh": lambda request: commands.Refresh(token=request.token),
    "sub_refresh": lambda request: commands.SubRefresh(channel=request.channel, token=request.token),
}

# --- encoding


def _delimited(reply: pb.Reply) -> bytes:
    part = BytesIO()
    proto.serialize_length_prefixed(reply, part)
    return part.getvalue()


def _error(error: Error) -> pb.Error:
    return pb.Error(code=error.code, message=error.message, temporary=error.temporary)


def _connect(result: replies.ConnectResult) -> pb.ConnectResult:
    return pb.ConnectResult(
        client=result.client,
        version=result.version,
        ping=result.ping,
        pong=result.pong,
        expires=result.ttl is not None,
        ttl=result.ttl,
        data=result.data,
        subs={channel: _subscribe(sub) for channel, sub in result.subs.items()},
    )


def _refresh(result: replies.RefreshResult) -> pb.RefreshResult:
    expires = result.ttl is not None
    return pb.RefreshResult(client=result.client, version=result.version, expires=expires, ttl=result.ttl)


def _subscribe(result: replies.SubscribeResult) -> pb.SubscribeResult:
    made = pb.SubscribeResult(
        recoverable=result.recoverable,
        positioned=result.positioned,
        epoch=result.epoch,
        offset=result.offset,
        was_recovering=result.was_recovering,
        recovered=result.recovered,
        data=result.data,
    )
    if result.missed.publications:
        made.MergeFromString(_recovered(result.missed))
    return made


def _recovered(missed: replies.Recovered) -> bytes:
    """What many may have missed alike, encoded once, as a message that has nothing else."""
    known = missed.encoded.get("protobuf")
    if known is None:
        whole = pb.SubscribeResult(publications=_publications(missed.publications))
        known = missed.encoded["protobuf"] = whole.SerializeToString()
    return known


def _publications(publications: Iterable[replies.Publication]) -> list[pb.Publication]:
    return [pb.Publication(offset=publication.offset, data=publication.data) for publication in publications]


def _presence(result: replies.PresenceResult) -> pb.PresenceResult:
    infos = {
        client: pb.ClientInfo(user=info.user, client=info.client, conn_info=info.conn_info)
        for client, info in result.presence.items()
    }
    return pb.PresenceResult(presence=infos)


def _stats(result: replies.PresenceStatsResult) -> pb.PresenceStatsResult:
    return pb.PresenceStatsResult(num_clients=result.num_clients, num_users=result.num_users)


def _history(result: replies.HistoryResult) -> pb.HistoryResult:
    publications = _publications(result.publications)
    return pb.HistoryResult(publications=publications, epoch=result.epoch, offset=result.offset)


def _published(push: replies.Published) -> pb.Push:
    publication = push.publication
    return pb.Push(channel=push.channel, pub=pb.Publication(offset=publication.offset, data=publication.data))


def _unsubscribed(push: replies.Unsubscribed) -> pb.Push:
    return pb.Push(channel=push.channel, unsubscribe=pb.Unsubscribe(code=push.why.code, reason=push.why.reason))


_RESULTS: Mapping[type[replies.Result], tuple[str, Callable[[Any], Any]]] = {
    Error: ("error", _error),
    replies.ConnectResult: ("connect", _connect),
    replies.RefreshResult: ("refresh", _refresh),
    replies.SubscribeResult: ("subscribe", _subscribe),
    replies.UnsubscribeResult: ("unsubscribe", lambda _: pb.UnsubscribeResult()),
    replies.PublishResult: ("publish", lambda _: pb.PublishResult()),
    replies.PresenceResult: ("presence", _presence),
    replies.PresenceStatsResult: ("presence_stats", _stats),
    replies.HistoryResult: ("history", _history),
    replies.PingResult: ("ping", lambda _: pb.PingResult()),
    replies.RpcResult: ("rpc", lambda result: pb.RPCResult(data=result.data)),
}
_PUSHES: Mapping[type[replies.Push], Callable[[Any], pb.Push]] = {
    replies.Published: _published,
    replies.Unsubscribed: _unsubscribed,
}
