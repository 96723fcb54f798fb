"""What both encodings promise: the golden frames, agreement with an SDK's own codec, and no crash on any bytes."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import hypothesis.strategies as st
import msgspec
import pytest
from centrifuge.codecs import _JsonCodec, _ProtobufCodec  # type: ignore[import-untyped]  # the SDK says no types
from hypothesis import example, given

from roomserver.centrifuge import replies
from roomserver.centrifuge.codec import Codec, MalformedFrame
from roomserver.centrifuge.codes import UNSUBSCRIPTIONS, Error
from roomserver.centrifuge.commands import Command
from roomserver.centrifuge.json_codec import JsonCodec
from roomserver.centrifuge.protobuf_codec import ProtobufCodec
from roomserver.centrifuge.replies import Push, Result
from tests.roomserver.centrifuge.golden import COMMANDS, PUSHES, RESULTS, Golden

CODECS: dict[str, Codec] = {"json": JsonCodec(), "protobuf": ProtobufCodec()}
each_codec = pytest.mark.parametrize("name", CODECS)

# --- golden frames


@each_codec
@pytest.mark.parametrize(("command", "golden"), COMMANDS)
def test_a_command_is_read(name: str, command: Command, golden: Golden) -> None:
    assert CODECS[name].decode(golden.frames[name]) == [command]


@each_codec
def test_several_commands_of_a_frame_are_read_in_order(name: str) -> None:
    codec = CODECS[name]
    frame = codec.join([golden.frames[name] for _, golden in COMMANDS])
    assert codec.decode(frame) == [command for command, _ in COMMANDS]


def test_a_json_reply_has_these_fields() -> None:
    for command_id, result, golden in RESULTS:
        assert json.loads(CODECS["json"].encode_reply(command_id, result)) == json.loads(golden.json)


def test_a_protobuf_reply_has_these_bytes() -> None:
    for command_id, result, golden in RESULTS:
        assert CODECS["protobuf"].encode_reply(command_id, result) == golden.frames["protobuf"]


@each_codec
@pytest.mark.parametrize(("push", "golden"), PUSHES)
def test_a_push_has_these_bytes(name: str, push: Push, golden: Golden) -> None:
    assert CODECS[name].encode_push(push) == golden.frames[name]


@each_codec
def test_a_batch_is_a_publication(name: str) -> None:
    published = replies.Published(channel="room:a", publication=replies.Publication(data=b"{}", offset=300))
    assert CODECS[name].encode_publication("room:a", 300, b"{}") == CODECS[name].encode_push(published)


@each_codec
def test_a_pong_looks_like_a_ping(name: str) -> None:
    [pong] = CODECS[name].decode(CODECS[name].ping)
    assert pong == COMMANDS[-1][0]


# --- an SDK reads what we write, and the other way round


def sdk_reads(name: str, frame: bytes) -> list[dict[str, Any]]:
    decoded: list[dict[str, Any]] = (
        _JsonCodec.decode_replies(frame.decode()) if name == "json" else _ProtobufCodec.decode_replies(frame)
    )
    sparse = as_json if name == "protobuf" else without_defaults
    return [{key: sparse(item) for key, item in reply.items()} for reply in decoded]


def as_json(value: Any) -> Any:
    """What the SDK makes of Protobuf, in JSON's terms: `data` decoded, 64-bit numbers as numbers."""
    if isinstance(value, list):
        return [as_json(item) for item in value]
    if not isinstance(value, dict):
        return value
    special: Mapping[str, Callable[[Any], Any]] = {
        "data": lambda data: json.loads(base64.b64decode(data)),
        "conn_info": lambda data: json.loads(base64.b64decode(data)),
        "offset": int,
    }
    return {key: special.get(key, as_json)(item) for key, item in value.items()}


def without_defaults(value: Any) -> Any:
    """JSON without the fields that say nothing, which Protobuf never has."""
    if isinstance(value, list):
        return [without_defaults(item) for item in value]
    if not isinstance(value, dict):
        return value
    opaque = ("data", "conn_info")
    kept = {key: item for key, item in value.items() if key in opaque or item not in (False, 0, "", [])}
    kept = {key: item if key in opaque else without_defaults(item) for key, item in kept.items()}
    return {key: item for key, item in kept.items() if item != {} or key not in ("subs", "presence")}


texts = st.text(st.characters(codec="utf-8"), max_size=12)
names = st.sampled_from(["room:demo", "host:demo", "#ann"])
numbers = st.integers(0, 2**32 - 1)
offsets = st.integers(0, 2**53)
payloads = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
).map(lambda value: json.dumps(value, ensure_ascii=False).encode())
publications = st.builds(replies.Publication, data=payloads, offset=offsets)
logs = st.lists(publications, max_size=3).map(tuple)
subscriptions = st.builds(
    replies.SubscribeResult,
    recoverable=st.booleans(),
    positioned=st.booleans(),
    epoch=texts,
    offset=offsets,
    was_recovering=st.booleans(),
    recovered=st.booleans(),
    missed=st.builds(replies.Recovered, logs),
    data=payloads | st.just(b""),
)
# An SDK needs these to be there, so they are never empty.
ids = st.text("abc", min_size=1, max_size=3)
lives = st.none() | st.integers(1, 2**32 - 1)
results: st.SearchStrategy[Result] = st.one_of(
    st.builds(
        replies.ConnectResult,
        client=ids,
        version=ids,
        ping=numbers,
        pong=st.booleans(),
        ttl=lives,
        data=payloads | st.just(b""),
        subs=st.dictionaries(names, subscriptions, max_size=2),
    ),
    st.builds(replies.RefreshResult, client=ids, version=ids, ttl=lives),
    subscriptions,
    st.just(replies.UnsubscribeResult()),
    st.just(replies.PublishResult()),
    st.builds(
        replies.PresenceResult,
        presence=st.dictionaries(
            ids, st.builds(replies.ClientInfo, client=ids, user=ids, conn_info=payloads | st.just(b"")), max_size=2
        ),
    ),
    st.builds(replies.PresenceStatsResult, num_clients=numbers, num_users=numbers),
    st.builds(replies.HistoryResult, publications=logs, epoch=texts, offset=offsets),
    st.just(replies.PingResult()),
    st.builds(replies.RpcResult, data=payloads),
    st.builds(Error, code=numbers, message=texts, temporary=st.booleans()),
)
pushes: st.SearchStrategy[Push] = st.one_of(
    st.builds(replies.Published, channel=names, publication=publications),
    st.builds(replies.Unsubscribed, channel=names, why=st.sampled_from(UNSUBSCRIPTIONS)),
)


@given(st.lists(st.tuples(st.integers(1, 2**32 - 1), results), min_size=1, max_size=3))
def test_an_sdk_reads_the_same_replies_in_both_encodings(sent: list[tuple[int, Result]]) -> None:
    read = {
        name: sdk_reads(name, codec.join([codec.encode_reply(command_id, result) for command_id, result in sent]))
        for name, codec in CODECS.items()
    }
    assert read["json"] == read["protobuf"]
    assert [reply["id"] for reply in read["json"]] == [command_id for command_id, _ in sent]
    assert all(len(reply) == 2 for reply in read["json"])


@given(st.lists(pushes, min_size=1, max_size=3))
def test_an_sdk_reads_the_same_pushes_in_both_encodings(sent: list[Push]) -> None:
    read = {
        name: sdk_reads(name, codec.join([codec.encode_push(push) for push in sent])) for name, codec in CODECS.items()
    }
    assert read["json"] == read["protobuf"]
    assert all(list(reply) == ["push"] for reply in read["json"])


def sdk_writes(name: str, commands: list[dict[str, Any]]) -> bytes:
    if name == "json":
        text: str = _JsonCodec.encode_commands(commands)
        return text.encode()
    frame: bytes = _ProtobufCodec.encode_commands([with_base64(command) for command in commands])
    return frame


def with_base64(command: dict[str, Any]) -> dict[str, Any]:
    """The command as an SDK's user gives it for Protobuf, whose `data` is bytes."""

    def field(key: str, value: Any) -> Any:
        if key == "data":
            return base64.b64encode(json.dumps(value).encode()).decode()
        return {inner: field(inner, item) for inner, item in value.items()} if isinstance(value, dict) else value

    return {key: field(key, value) for key, value in command.items()}


channel = st.fixed_dictionaries({"channel": texts})
data = payloads.map(json.loads)
position = st.fixed_dictionaries({}, optional={"offset": offsets, "epoch": texts})
requests: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "connect": st.fixed_dictionaries({}, optional={"token": texts, "data": data, "name": texts, "version": texts}),
    "subscribe": st.fixed_dictionaries(
        {"channel": texts},
        optional={"token": texts, "recover": st.booleans(), "epoch": texts, "offset": offsets, "data": data},
    ),
    "unsubscribe": channel,
    "publish": st.fixed_dictionaries({"channel": texts, "data": data}),
    "presence": channel,
    "presence_stats": channel,
    "history": st.fixed_dictionaries(
        {"channel": texts},
        optional={"limit": st.integers(-(2**31), 2**31 - 1), "since": position, "reverse": st.booleans()},
    ),
    "ping": st.just({}),
    "send": st.fixed_dictionaries({"data": data}),
    "rpc": st.fixed_dictionaries({"method": texts, "data": data}),
    "refresh": st.fixed_dictionaries({"token": texts}),
    "sub_refresh": st.fixed_dictionaries({"channel": texts, "token": texts}),
}


@given(
    st.lists(
        st.sampled_from(sorted(requests)).flatmap(
            lambda method: st.fixed_dictionaries({"id": st.integers(1, 2**32 - 1), method: requests[method]})
        ),
        min_size=1,
        max_size=3,
    )
)
def test_what_an_sdk_writes_is_read_the_same_in_both_encodings(sent: list[dict[str, Any]]) -> None:
    read = {name: codec.decode(sdk_writes(name, sent)) for name, codec in CODECS.items()}
    assert read["json"] == read["protobuf"]
    assert [msgspec.to_builtins(command.id) for command in read["json"]] == [command["id"] for command in sent]


# --- whatever comes


@given(st.binary(max_size=200))
@example(b"")
@example(b"\n")
@example(b"\x00" * 50)
@example(b"[" * 200_000)
@example(b'{"id":1,"rpc":{"data":' + b"[" * 200_000 + b"]" * 200_000 + b"}}")
def test_any_bytes_are_commands_or_a_malformed_frame(frame: bytes) -> None:
    for codec in CODECS.values():
        with suppress(MalformedFrame):
            assert codec.decode(frame)


@each_codec
@given(choice=st.data())
def test_a_damaged_frame_is_commands_or_malformed(name: str, choice: st.DataObject) -> None:
    _, golden = choice.draw(st.sampled_from(COMMANDS))
    frame = bytearray(CODECS[name].join([golden.frames[name]] * 2))
    for _ in range(choice.draw(st.integers(1, 4))):
        frame[choice.draw(st.integers(0, len(frame) - 1))] = choice.draw(st.integers(0, 255))
    with suppress(MalformedFrame):
        assert CODECS[name].decode(bytes(frame))
