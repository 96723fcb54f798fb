"""The WebSocket protocol of one connection, spoken to by a client that is joined to it by bytes."""

from __future__ import annotations

import struct
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from websockets.client import ClientProtocol
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.uri import parse_uri
from websockets.utils import apply_mask

from roomserver.frames import MESSAGE_BYTES, Frames, Knock


class Pair:
    """Both ends; `heard` is what the server's end made of what the client said."""

    def __init__(self, *, deflates: bool, offer: ClientPerMessageDeflateFactory | None) -> None:
        self.server = Frames(deflates=deflates)
        self.client = ClientProtocol(
            parse_uri("ws://room.test/connection/websocket?format=protobuf"), extensions=[offer] if offer else None
        )
        self.heard: list[Knock | bytes] = []
        self.answers: list[Frame] = []
        self.response: Response | None = None
        self.client.send_request(self.client.connect())
        self.exchange()
        assert self.heard.pop() == Knock(path="/connection/websocket", origin=None, host="room.test")
        self.server.accept()
        self.exchange()

    def exchange(self) -> None:
        self.heard += self.server.receive(b"".join(self.client.data_to_send()))
        self.client.receive_data(b"".join(self.server.to_send()))
        for event in self.client.events_received():
            if isinstance(event, Response):
                self.response = event
            elif isinstance(event, Frame):
                self.answers.append(event)

    @property
    def agreed(self) -> str | None:
        assert self.response is not None
        return self.response.headers.get("Sec-WebSocket-Extensions")


PLAIN_OFFER = ClientPerMessageDeflateFactory()
NARROW_OFFER = ClientPerMessageDeflateFactory(server_max_window_bits=12)


def test_compression_is_taken_without_context_takeover_so_that_batches_are_shared() -> None:
    pair = Pair(deflates=True, offer=PLAIN_OFFER)
    assert pair.agreed == "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
    assert pair.server.deflates
    assert pair.server.protobuf
    pair.client.send_binary(b"hello " * 100)
    pair.exchange()
    assert pair.heard == [b"hello " * 100]


@pytest.mark.parametrize(
    ("deflates", "offer"), [(False, PLAIN_OFFER), (True, None), (True, NARROW_OFFER), (False, None)]
)
def test_compression_is_not_taken(deflates: bool, offer: ClientPerMessageDeflateFactory | None) -> None:
    """Where it is switched off, not offered, or asked for with a window that others do not have."""
    pair = Pair(deflates=deflates, offer=offer)
    assert pair.agreed is None
    assert not pair.server.deflates
    pair.client.send_binary(b"hello")
    pair.exchange()
    assert pair.heard == [b"hello"]


def test_a_deflated_bomb_is_refused_by_what_it_would_be() -> None:
    pair = Pair(deflates=True, offer=PLAIN_OFFER)
    pair.client.send_binary(b" " * (MESSAGE_BYTES + 1))
    pair.exchange()
    assert pair.heard == []
    assert pair.client.close_rcvd is not None
    assert pair.client.close_rcvd.code == 1009
    assert pair.server.closing


def test_of_pings_that_come_together_the_last_is_answered_and_the_close_is_last() -> None:
    pair = Pair(deflates=False, offer=None)
    for number in range(3):
        pair.client.send_ping(b"%d" % number)
    pair.client.send_close(1000)
    pair.exchange()
    assert [(one.opcode, bytes(one.data)[:1]) for one in pair.answers[:1]] == [(Opcode.PONG, b"2")]
    assert [one.opcode for one in pair.answers] == [Opcode.PONG, Opcode.CLOSE]


def masked(first: int, payload: bytes, mask: bytes, *, long: bool) -> bytes:
    """A client's frame, whatever its first byte says."""
    size = len(payload)
    length = struct.pack("!BH", 0x80 | 126, size) if long or size > 125 else struct.pack("!B", 0x80 | size)
    return bytes([first]) + length + mask + apply_mask(payload, mask)


FIRST = st.sampled_from([0x81, 0x82, 0x01, 0x80, 0x00, 0x89, 0x8A, 0xC1, 0x83, 0x88])
FRAME = st.builds(masked, FIRST, st.binary(max_size=140), st.binary(min_size=4, max_size=4), long=st.booleans())


HALF, WHOLE, PING = (masked(first, b"hi", b"1234", long=False) for first in (0x01, 0x81, 0x89))
NESTED = masked(0x82, WHOLE, bytes(4), long=False)
REST = masked(0x80, b"!", b"1234", long=False)


@given(st.lists(FRAME | st.binary(max_size=12), max_size=8), st.lists(st.integers(0, 300), max_size=6))
@example([HALF, WHOLE], [])
@example([HALF, PING, REST, WHOLE], [])
@example([NESTED], [6])
@example([WHOLE, WHOLE], [3, len(WHOLE)])
@example([WHOLE, WHOLE, WHOLE], [3, len(WHOLE), 2 * len(WHOLE)])
def test_however_bytes_arrive_they_mean_what_the_library_says(parts: list[bytes], cuts: list[int]) -> None:
    """Frames of every kind, and nonsense: the short way past the parser leads to the same messages and answers."""
    data = b"".join(parts)
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    pair, slow = Pair(deflates=False, offer=None), Pair(deflates=False, offer=None)
    slow.server._between = False
    heard = [one for start, end in pairwise(edges) for one in pair.server.receive(data[start:end])]
    expected = [one for part in (data[at : at + 1] for at in range(len(data))) for one in slow.server.receive(part)]
    assert heard == expected
    assert pair.server.closing == slow.server.closing
    assert pair.server.controls == slow.server.controls
    assert _but_pongs(pair.server.to_send()) == _but_pongs(slow.server.to_send())


def _but_pongs(frames: list[bytes]) -> list[bytes]:
    return [frame for frame in frames if frame[:1] != b"\x8a"]
