from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from roomserver.centrifuge.channels import Channel, Kind


@pytest.mark.parametrize(
    ("name", "channel"),
    [
        ("room:demo", Channel(Kind.ROOM, "demo")),
        ("host:a_B-9", Channel(Kind.HOST, "a_B-9")),
        ("#shop|ann.lee@x:1", Channel(Kind.USER, "shop|ann.lee@x:1")),
        (f"room:{'x' * 64}", Channel(Kind.ROOM, "x" * 64)),
    ],
)
def test_a_channel_has_one_name(name: str, channel: Channel) -> None:
    assert Channel.parse(name) == channel
    assert channel.name == name


@pytest.mark.parametrize(
    "name",
    ["", "room", "room:", "room:a.b", "room:a\n", "room:直播", f"host:{'x' * 65}", "#", "#a b", "Room:a", " room:a"],
)
def test_there_is_no_such_channel(name: str) -> None:
    assert Channel.parse(name) is None


@given(st.text())
def test_a_name_that_is_read_is_written_the_same(name: str) -> None:
    channel = Channel.parse(name)
    assert channel is None or channel.name == name
