from __future__ import annotations

import json

import pytest

from effects.danmaku import SendDanmaku
from room.refusal import BadRequest
from roomserver.centrifuge import commands, replies
from roomserver.centrifuge.codec import MalformedFrame
from roomserver.centrifuge.commands import Command
from roomserver.centrifuge.json_codec import JsonCodec
from roomserver.schema import Schema

CODEC = JsonCodec()
SCHEMA = Schema([SendDanmaku])


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"\n",
        b"\n{}",
        b"{}\n\n{}",
        b"{",
        b"null",
        b"[]",
        b'"{}"',
        b"{} {}",
        b"\xef\xbb\xbf{}",
        b'{"id":1}',  # no request
        b'{"id":1,"rpc":null}',
        b'{"rpc":{"method":"m"}}',  # no id
        b'{"id":0,"connect":{"token":"t"}}',
        b'{"id":-1,"ping":{}}',
        b'{"id":4294967296,"ping":{}}',
        b'{"id":1.5,"ping":{}}',
        b'{"id":"1","ping":{}}',
        b'{"id":true,"ping":{}}',
        b'{"id":NaN,"ping":{}}',
        b'{"id":1,"ping":[]}',
        b'{"id":1,"rpc":{"method":7}}',
        b'{"id":1,"rpc":{"method":"\xff"}}',
        b'{"id":1,"rpc":{"method":"m","data":"\xff"}}',
        b'{"id":1,"rpc":{"method":"a\x00"}}',
        b'{"id":1,"rpc":{"data":NaN}}',
        b'{"id":1,"rpc":{"data":01}}',
        b'{"id":1,"rpc":{"data":}}',
        b'{"id":1,"subscribe":{"channel":"c","offset":-1}}',
        b'{"id":1,"history":{"channel":"c","limit":2147483648}}',
        b'{"id":' + b"9" * 5000 + b',"ping":{}}',
        b'{"id":1,"rpc":{"data":' + b'{"a":' * 100_000,
        b'{"id":1,"unknown":' + b"[" * 100_000 + b"]" * 100_000 + b',"ping":{}}',
    ],
)
def test_a_frame_is_malformed(frame: bytes) -> None:
    with pytest.raises(MalformedFrame):
        CODEC.decode(frame)


def test_one_bad_command_spoils_the_frame() -> None:
    with pytest.raises(MalformedFrame):
        CODEC.decode(b'{"id":1,"ping":{}}\n{"id":2}')


def test_a_newline_may_end_the_frame() -> None:
    assert CODEC.decode(b"{}\n{}\n") == [Command(0, commands.Pong())] * 2


def test_of_several_requests_the_first_by_number_counts() -> None:
    assert CODEC.decode(b'{"id":1,"rpc":{},"ping":{}}') == [Command(1, commands.Ping())]


def test_of_one_field_twice_the_last_counts() -> None:
    assert CODEC.decode(b'{"id":1,"id":2,"ping":{}}') == [Command(2, commands.Ping())]


def test_unknown_fields_are_skipped() -> None:
    frame = b'{"id":1,"new":7,"connect":{"token":"t","flag":3,"headers":{},"subs":{"#u":{}}}}'
    assert CODEC.decode(frame) == [Command(1, commands.Connect(token="t"))]


def test_data_is_handed_on_as_it_came() -> None:
    [command] = CODEC.decode(b'{"id":1,"rpc":{"method":"m","data":{"a": 1e400, "a":"\xe4\xbd\xa0" }}}')
    assert isinstance(command.request, commands.Rpc)
    assert bytes(command.request.data) == b'{"a": 1e400, "a":"\xe4\xbd\xa0" }'


def test_an_id_of_a_send_is_kept() -> None:
    assert CODEC.decode(b'{"id":5,"send":{}}') == [Command(5, commands.Send())]


def test_a_channel_is_escaped_in_a_batch() -> None:
    push = json.loads(CODEC.encode_publication('a"b', 1, b"[]"))
    assert push == {"push": {"channel": 'a"b', "pub": {"offset": 1, "data": []}}}


def test_parts_are_joined_by_newlines() -> None:
    ping = CODEC.encode_reply(1, replies.PingResult())
    assert CODEC.join([ping, CODEC.ping]) == b'{"id":1,"ping":{}}\n{}'
    assert CODEC.join([ping]) == ping


@pytest.mark.parametrize(
    "text", [r"\ud83d", r"\ude00", r"\ude00\ud83d", r"a\u0041\ud83db", r"\\\ud83d", r"\ud83d\ude00\ud83d"]
)
def test_half_an_emoji_is_for_the_feature_to_refuse_and_no_reason_to_close(text: str) -> None:
    frame = f'{{"id":3,"rpc":{{"method":"danmaku.send","data":{{"room":"demo","text":"{text}"}}}}}}'
    [command] = CODEC.decode(frame.encode())
    assert isinstance(command.request, commands.Rpc)
    assert (command.id, command.request.method) == (3, "danmaku.send")
    with pytest.raises(BadRequest, match="surrogate"):
        SCHEMA.decode("danmaku.send", bytes(command.request.data))


@pytest.mark.parametrize("text", [r"\ud83d\ude00", r"\\ud83d", r"\u0041"])
def test_whole_characters_pass_as_they_are(text: str) -> None:
    frame = f'{{"id":3,"rpc":{{"method":"danmaku.send","data":{{"room":"demo","text":"{text}"}}}}}}'
    [command] = CODEC.decode(frame.encode())
    assert isinstance(command.request, commands.Rpc)
    assert json.loads(bytes(command.request.data))["text"] == json.loads(f'"{text}"')
