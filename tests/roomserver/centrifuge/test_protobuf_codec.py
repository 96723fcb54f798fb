from __future__ import annotations

import pytest

from roomserver.centrifuge import commands, replies
from roomserver.centrifuge.codec import MalformedFrame
from roomserver.centrifuge.commands import Command
from roomserver.centrifuge.protobuf_codec import ProtobufCodec

CODEC = ProtobufCodec()


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "80",  # a length that is cut off
        "ffffffffffffffffffff7f",  # one of more than 64 bits
        "ffffffffffffffffff01",  # 2⁶⁴ - 1 bytes
        "ffffffff07",  # 2 GiB of nothing
        "05 0801",  # shorter than it says
        "02 0801",  # no request
        "05 6a03 12016d",  # no id
        "05 2203 0a0174",
        "04 0801 5a",  # a field that is cut off
        "07 0801 6a03 1201ff",  # a string that is no UTF-8
        "06 0801 5a02 0fff",  # a wire type that does not exist
        "01 23",  # a group that does not end
    ],
)
def test_a_frame_is_malformed(frame: str) -> None:
    with pytest.raises(MalformedFrame):
        CODEC.decode(bytes.fromhex(frame))


def test_one_bad_command_spoils_the_frame() -> None:
    with pytest.raises(MalformedFrame):
        CODEC.decode(bytes.fromhex("04 0801 5a00 02 0802"))


def test_of_several_requests_the_first_by_number_counts() -> None:
    assert CODEC.decode(bytes.fromhex("06 0801 6a00 5a00")) == [Command(1, commands.Ping())]


def test_unknown_fields_are_skipped() -> None:
    frame = bytes.fromhex("0a 0801 2203 0a0174 f00107")  # field 30
    assert CODEC.decode(frame) == [Command(1, commands.Connect(token="t"))]


def test_data_need_not_be_json_to_be_handed_on() -> None:
    assert CODEC.decode(bytes.fromhex("06 0801 6a02 0a00")) == [Command(1, commands.Rpc())]
    [command] = CODEC.decode(bytes.fromhex("07 0801 6a03 0a01ff"))
    assert isinstance(command.request, commands.Rpc)
    assert bytes(command.request.data) == b"\xff"


def test_parts_are_joined_as_they_are() -> None:
    ping = CODEC.encode_reply(1, replies.PingResult())
    assert CODEC.join([ping, CODEC.ping]) == bytes.fromhex("04 0801 6200 00")
