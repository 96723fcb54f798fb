import json

import pytest

from loadtest import protocol
from loadtest.wire import PLAIN, SOCKET_IO


def test_plain_lines_share_a_frame() -> None:
    assert PLAIN.join([b"a", b"b"]) == [b"a\nb"]
    assert PLAIN.translate(b"{}") == b"{}"


def test_socket_io_sends_each_command_as_an_event_of_its_own() -> None:
    assert SOCKET_IO.encode(protocol.connect("t"), 1) == b"40"
    packet = SOCKET_IO.encode(protocol.subscribe("room:a"), 2)
    assert json.loads(packet.removeprefix(b"42")) == ["command", {"id": 2, "subscribe": {"channel": "room:a"}}]
    assert SOCKET_IO.join([b"a", b"b"]) == [b"a", b"b"]


@pytest.mark.parametrize(
    ("packet", "line"),
    [
        (b'0{"sid":"a","pingInterval":25000}', b""),
        (b'40{"sid":"a"}', b'{"id":1,"connect":{"client":"socket.io"}}'),
        (b'42["reply",{"id":2}]', b'{"id":2}'),
        (b'42["push",{"channel":"room:a"}]', b'{"push":{"channel":"room:a"}}'),
        (b"2", b"{}"),
        (b"6", b""),
    ],
)
def test_packets_are_read_as_lines(packet: bytes, line: bytes) -> None:
    assert SOCKET_IO.translate(packet) == line
