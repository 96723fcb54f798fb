from __future__ import annotations

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import example, given

from roomserver.centrifuge import commands
from roomserver.centrifuge.address import room_of
from roomserver.centrifuge.commands import Request


@pytest.mark.parametrize(
    ("request_", "room"),
    [
        (commands.Subscribe(channel="room:a"), "a"),
        (commands.Unsubscribe(channel="host:a"), "a"),
        (commands.History(channel="#a"), None),
        (commands.Publish(channel="nonsense"), None),
        (commands.Rpc(data=msgspec.Raw(b'{"text":"hi","room":"a"}')), "a"),
        (commands.Rpc(data=msgspec.Raw(b"{}")), None),
        (commands.Refresh(token="t"), None),
        (commands.Ping(), None),
    ],
)
def test_the_room_of_a_request(request_: Request, room: str | None) -> None:
    assert room_of(request_) == room


@given(st.binary())
@example(b'{"room":"\xff"}')
@example(b"[" * 100_000)
def test_data_may_be_anything(data: bytes) -> None:
    room = room_of(commands.Rpc(data=msgspec.Raw(data)))
    assert room is None or isinstance(room, str)
