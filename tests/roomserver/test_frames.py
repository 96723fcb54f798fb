"""The WebSocket protocol of one connection, spoken to by a client that is joined to it by bytes."""

from __future__ import annotations

import pytest
from websockets.client import ClientProtocol
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.uri import parse_uri

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
