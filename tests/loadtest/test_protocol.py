import json
from contextlib import suppress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtest import protocol
from loadtest.faults import WireFault
from loadtest.protocol import Batch, Happening, Position, Reply

BATCH = b'{"events":[{"type":"checkin.burst","id":"a","at":1,"delta":3,"sample":[]}],"online":7,"shed":{"danmaku":2}}'
PUSH = b'{"push":{"channel":"room:demo","pub":{"offset":4,"data":' + BATCH + b"}}}"


@pytest.mark.parametrize(
    ("command", "line"),
    [
        (protocol.connect("t"), {"connect": {"token": "t", "name": "loadtest"}}),
        (protocol.subscribe("room:a"), {"subscribe": {"channel": "room:a"}}),
        (
            protocol.subscribe("room:a", Position("e", 5)),
            {"subscribe": {"channel": "room:a", "recover": True, "epoch": "e", "offset": 5}},
        ),
        (protocol.rpc("like.send", {"count": 1}), {"rpc": {"method": "like.send", "data": {"count": 1}}}),
    ],
)
def test_a_command_is_one_line_with_its_id(command: protocol.Command, line: dict[str, object]) -> None:
    encoded = protocol.encode(command, 9)
    assert json.loads(encoded) == {"id": 9, **line}
    assert b"\n" not in encoded


def test_recovery_from_the_very_beginning_is_asked_for_too() -> None:
    line = json.loads(protocol.encode(protocol.subscribe("room:a", Position("e", 0)), 1))
    assert line["subscribe"]["recover"] is True


def test_a_frame_may_hold_several_lines() -> None:
    first, second, ping = protocol.decode(b'{"id":1,"connect":{"client":"c"}}\n{"id":2,"error":{"code":103}}\n{}')
    assert first.connect is not None
    assert second.error == protocol.Refusal(103)
    assert ping == Reply()


def test_a_batch_keeps_only_what_is_counted() -> None:
    (reply,) = protocol.decode(PUSH)
    assert reply.push is not None
    assert reply.push.pub is not None
    batch = Batch(events=(Happening(type="checkin.burst", id="a", delta=3),), online=7, shed={"danmaku": 2})
    assert protocol.decode_batch(reply.push.pub.data) == (batch, ("a",))


@given(st.binary(max_size=100) | st.text(max_size=50).map(str.encode))
def test_arbitrary_bytes_are_decoded_or_refused_by_name(payload: bytes) -> None:
    with suppress(WireFault):
        protocol.decode(payload)


@pytest.mark.parametrize("data", [b"[]", b'{"events":[{"type":"x"}]}', b'{"events":1}'])
def test_a_publication_that_is_no_batch_is_refused(data: bytes) -> None:
    with pytest.raises(WireFault, match="no batch"):
        protocol.decode_batch(msgspec.Raw(data))


def test_an_event_that_stands_for_others_shows_them_too() -> None:
    data = msgspec.Raw(b'{"events":[{"type":"danmaku.said","id":"a","merged":["b","c"]},{"type":"x","id":"d"}]}')
    assert protocol.decode_batch(data).ids == ("a", "b", "c", "d")


@pytest.mark.parametrize(
    ("message", "seconds"),
    [("the server is busy; retry in 2500 ms", 2.5), ("busy", 1.0), ("retry in 5 ms, or so", 1.0)],
)
def test_a_refusal_says_when_to_try_again(message: str, seconds: float) -> None:
    assert protocol.Refusal(1010, message, True).wait == seconds
