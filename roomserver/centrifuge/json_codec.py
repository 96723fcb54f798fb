"""The JSON encoding: one object per line, `{}` as ping and pong."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec
import orjson

from roomserver.centrifuge import commands, replies
from roomserver.centrifuge.codec import MalformedFrame
from roomserver.centrifuge.codes import Error

Json = Mapping[str, Any]  # Any: what orjson takes, Fragments among it


class JsonCodec:
    """The default encoding."""

    text: Final = True
    ping: Final = b"{}"

    def decode(self, frame: bytes) -> list[commands.Command]:
        """Read lines; one newline may end the frame, an empty line is malformed."""
        try:
            # msgspec skips over `data` without looking at its bytes, so this is where bad UTF-8 is found.
            text = frame.decode().removesuffix("\n")
            if "\n" not in text:
                return [_command(_read(text))]
            return [_command(_read(line)) for line in text.split("\n")]
        except (UnicodeDecodeError, msgspec.DecodeError, RecursionError) as error:
            raise MalformedFrame(str(error)) from error

    def encode_reply(self, command_id: int, result: replies.Result) -> bytes:
        """Encode as `{"id": …, "<method>": {…}}`, or with `error`."""
        if type(result) is replies.RpcResult and result.data:  # most replies are of calls
            return b'{"id":%d,"rpc":{"data":%b}}' % (command_id, result.data)
        name, fields = _RESULTS[type(result)]
        return orjson.dumps({"id": command_id, name: fields(result)})

    def encode_push(self, push: replies.Push) -> bytes:
        """Encode as `{"push": {…}}`."""
        return orjson.dumps({"push": _PUSHES[type(push)](push)})

    def encode_publication(self, channel: str, offset: int, data: bytes) -> bytes:
        """Encode as `encode_push(Published(…))` does, without the detour."""
        return b'{"push":{"channel":%b,"pub":{"offset":%d,"data":%b}}}' % (orjson.dumps(channel), offset, data)

    def join(self, parts: Sequence[bytes]) -> bytes:
        """Join with newlines."""
        return b"\n".join(parts)


# --- decoding


class _Line(msgspec.Struct):
    """A command as it stands on the wire: an id and a field per request, in the order of the field numbers."""

    id: commands.Uint32 = 0
    connect: commands.Connect | None = None
    subscribe: commands.Subscribe | None = None
    unsubscribe: commands.Unsubscribe | None = None
    publish: commands.Publish | None = None
    presence: commands.Presence | None = None
    presence_stats: commands.PresenceStats | None = None
    history: commands.History | None = None
    ping: commands.Ping | None = None
    send: commands.Send | None = None
    rpc: commands.Rpc | None = None
    refresh: commands.Refresh | None = None
    sub_refresh: commands.SubRefresh | None = None


_LINE = msgspec.json.Decoder(_Line)

_ESCAPES = re.compile(
    r"(?P<pair>\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    r"|(?P<half>\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\."
)
_HALF_A_PAIR: Final = rb'{"room":"\ud800 is half a pair"}'


def _read(line: str) -> _Line:
    """One line; a text that was cut in the middle of an emoji is for the feature to refuse, not to close for.

    JavaScript writes half of a surrogate pair as an escape. The line is read without it, and its `data` stays
    unreadable, so that the call is answered with 107 under its id.
    """
    try:
        return _LINE.decode(line)
    except msgspec.DecodeError:
        whole = _ESCAPES.sub(_without_halves, line)
        if whole == line:
            raise
        read = _LINE.decode(whole)
    for name in ("rpc", "publish", "send"):
        if (request := getattr(read, name)) is not None:
            setattr(read, name, msgspec.structs.replace(request, data=msgspec.Raw(_HALF_A_PAIR)))
    return read


def _without_halves(escape: re.Match[str]) -> str:
    return "?" if escape["half"] else escape[0]


def _command(line: _Line) -> commands.Command:
    request = _request(line)
    if line.id == 0 and not isinstance(request, commands.Send | commands.Pong):
        raise MalformedFrame("a command without an id")
    return commands.Command(line.id, request)


def _request(line: _Line) -> commands.Request:
    first: commands.Request | None = next(filter(None, msgspec.structs.astuple(line)[1:]), None)  # Structs are true
    if first is not None:
        return first
    if line.id:
        raise MalformedFrame("a command without a request")
    return commands.Pong()


# --- encoding: a function per class, from its fields to the wire's


def _nothing(_: object) -> Json:
    return {}


def _error(error: Error) -> Json:
    return {"code": error.code, "message": error.message, "temporary": error.temporary}


def _data(data: bytes) -> Json:
    return {"data": orjson.Fragment(data)} if data else {}


def _expiry(ttl: int | None) -> Json:
    return {} if ttl is None else {"expires": True, "ttl": ttl}


def _connect(result: replies.ConnectResult) -> Json:
    subs = {channel: _subscribe(sub) for channel, sub in result.subs.items()}
    head = {"client": result.client, "version": result.version, "ping": result.ping, "pong": result.pong}
    return head | {"subs": subs} | dict(_expiry(result.ttl)) | dict(_data(result.data))


def _refresh(result: replies.RefreshResult) -> Json:
    return {"client": result.client, "version": result.version, **_expiry(result.ttl)}


def _subscribe(result: replies.SubscribeResult) -> Json:
    return {
        "recoverable": result.recoverable,
        "positioned": result.positioned,
        "epoch": result.epoch,
        "offset": result.offset,
        "was_recovering": result.was_recovering,
        "recovered": result.recovered,
        "publications": orjson.Fragment(_recovered(result.missed)),
        **_data(result.data),
    }


def _recovered(missed: replies.Recovered) -> bytes:
    """What many may have missed alike, encoded once."""
    known = missed.encoded.get("json")
    if known is None:
        told = [_publication(publication) for publication in missed.publications]
        known = missed.encoded["json"] = orjson.dumps(told)
    return known


def _publication(publication: replies.Publication) -> Json:
    return {"offset": publication.offset, "data": orjson.Fragment(publication.data)}


def _presence(result: replies.PresenceResult) -> Json:
    return {"presence": {client: _info(info) for client, info in result.presence.items()}}


def _info(info: replies.ClientInfo) -> Json:
    conn_info = {"conn_info": orjson.Fragment(info.conn_info)} if info.conn_info else {}
    return {"user": info.user, "client": info.client, **conn_info}


def _stats(result: replies.PresenceStatsResult) -> Json:
    return {"num_clients": result.num_clients, "num_users": result.num_users}


def _history(result: replies.HistoryResult) -> Json:
    publications = [_publication(publication) for publication in result.publications]
    return {"publications": publications, "epoch": result.epoch, "offset": result.offset}


def _rpc(result: replies.RpcResult) -> Json:
    return _data(result.data)


def _published(push: replies.Published) -> Json:
    return {"channel": push.channel, "pub": _publication(push.publication)}


def _unsubscribed(push: replies.Unsubscribed) -> Json:
    return {"channel": push.channel, "unsubscribe": {"code": push.why.code, "reason": push.why.reason}}


# Any: each function takes the class it stands beside, which a mapping's type cannot say.
_RESULTS: Mapping[type[replies.Result], tuple[str, Callable[[Any], Json]]] = {
    Error: ("error", _error),
    replies.ConnectResult: ("connect", _connect),
    replies.RefreshResult: ("refresh", _refresh),
    replies.SubscribeResult: ("subscribe", _subscribe),
    replies.UnsubscribeResult: ("unsubscribe", _nothing),
    replies.PublishResult: ("publish", _nothing),
    replies.PresenceResult: ("presence", _presence),
    replies.PresenceStatsResult: ("presence_stats", _stats),
    replies.HistoryResult: ("history", _history),
    replies.PingResult: ("ping", _nothing),
    replies.RpcResult: ("rpc", _rpc),
}
_PUSHES: Mapping[type[replies.Push], Callable[[Any], Json]] = {
    replies.Published: _published,
    replies.Unsubscribed: _unsubscribed,
}
