"""The WebSocket protocol of one connection, spoken to by a client that is joined to it by bytes."""

from __future__ import annotations

import struct
import weakref
from collections.abc import Sequence
from itertools import pairwise
from random import Random
from zlib import MAX_WBITS, Z_SYNC_FLUSH, compressobj

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from websockets.client import ClientProtocol
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.uri import parse_uri
from websockets.utils import apply_mask

from roomserver.frames import FRAGMENTS, Frames, Knock
from roomserver.upgrade import plain_upgrade
from roomserver.whole_frames import GLIMPSE, MESSAGE_BYTES


class Pair:
    """Both ends; `heard` is what the server's end made of what the client said.

    `at_once`: the request was plain, and answered without the library.
    """

    def __init__(self, *, deflates: bool, offer: ClientPerMessageDeflateFactory | None, at_once: bool = False) -> None:
        self.client = ClientProtocol(
            parse_uri("ws://room.test/connection/websocket?format=protobuf"), extensions=[offer] if offer else None
        )
        self.heard: list[Knock | bytes] = []
        self.answers: list[Frame] = []
        self.response: Response | None = None
        self.client.send_request(self.client.connect())
        if at_once:
            upgrade = plain_upgrade(b"".join(self.client.data_to_send()), deflates=deflates)
            assert upgrade is not None
            self.server, self.protobuf = Frames(deflates=upgrade.deflates, opened=True), upgrade.protobuf
            self.client.receive_data(upgrade.answer)
            self.exchange()
        else:
            self.server = Frames(deflates=deflates)
            self.exchange()
            assert self.heard.pop() == Knock(path="/connection/websocket", origin=None, host="room.test")
            self.server.accept()
            self.exchange()
            self.protobuf = self.server.protobuf

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


@pytest.mark.parametrize("at_once", [False, True])
def test_compression_is_taken_without_context_takeover_so_that_batches_are_shared(at_once: bool) -> None:
    pair = Pair(deflates=True, offer=PLAIN_OFFER, at_once=at_once)
    assert pair.agreed == "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
    assert pair.server.deflates
    assert pair.protobuf
    for message in (b"hello " * 100, b"good bye " * 100):
        pair.client.send_binary(message)
        pair.exchange()
        assert pair.heard.pop() == message


@pytest.mark.parametrize("at_once", [False, True])
@pytest.mark.parametrize(
    ("deflates", "offer"), [(False, PLAIN_OFFER), (True, None), (True, NARROW_OFFER), (False, None)]
)
def test_compression_is_not_taken(deflates: bool, offer: ClientPerMessageDeflateFactory | None, at_once: bool) -> None:
    """Where it is switched off, not offered, or asked for with a window that others do not have."""
    pair = Pair(deflates=deflates, offer=offer, at_once=at_once)
    assert pair.agreed is None
    assert not pair.server.deflates
    pair.client.send_binary(b"hello")
    pair.exchange()
    assert pair.heard == [b"hello"]


@pytest.mark.parametrize("at_once", [False, True])
def test_a_deflated_bomb_is_refused_by_what_it_would_be(at_once: bool) -> None:
    pair = Pair(deflates=True, offer=PLAIN_OFFER, at_once=at_once)
    unpacks = weakref.ref(pair.server._ws.extensions[0])
    pair.client.send_binary(b" " * (MESSAGE_BYTES + 1))
    pair.exchange()
    assert pair.heard == []
    assert pair.client.close_rcvd is not None
    assert pair.client.close_rcvd.code == 1009
    assert pair.server.closing
    assert unpacks() is None


@pytest.mark.parametrize("at_once", [False, True])
@pytest.mark.parametrize("pings", [1, 3, 10, 11, 30])
def test_of_pings_that_come_together_the_last_ten_are_answered_and_the_close_is_last(pings: int, at_once: bool) -> None:
    pair = Pair(deflates=False, offer=None, at_once=at_once)
    for number in range(pings):
        pair.client.send_ping(b"%d" % number)
    pair.client.send_close(1000)
    pair.exchange()
    answered = [b"%d" % number for number in range(pings)][-10:]
    assert [bytes(one.data) for one in pair.answers[:-1]] == answered
    assert [one.opcode for one in pair.answers] == [Opcode.PONG] * len(answered) + [Opcode.CLOSE]


def masked(first: int, payload: bytes, mask: bytes, *, long: bool) -> bytes:
    """A client's frame, whatever its first byte says."""
    size = len(payload)
    length = struct.pack("!BH", 0x80 | 126, size) if long or size > 125 else struct.pack("!B", 0x80 | size)
    return bytes([first]) + length + mask + apply_mask(payload, mask)


def deflated(message: bytes) -> bytes:
    """As it is sent: without the end of its last block (RFC 7692, 7.2.1)."""
    packs = compressobj(wbits=-MAX_WBITS)
    return (packs.compress(message) + packs.flush(Z_SYNC_FLUSH))[:-4]


FIRST = st.sampled_from([0x81, 0x82, 0x01, 0x80, 0x00, 0x89, 0x8A, 0xC1, 0xC2, 0x41, 0x83, 0x88])
SAID = st.binary(max_size=140)
MASK = st.binary(min_size=4, max_size=4)
FRAME = st.builds(masked, FIRST, SAID | SAID.map(deflated), MASK, long=st.booleans())


HALF, WHOLE, PING = (masked(first, b"hi", b"1234", long=False) for first in (0x01, 0x81, 0x89))
NESTED = masked(0x82, WHOLE, bytes(4), long=False)
REST = masked(0x80, b"!", b"1234", long=False)
PACKED, BOMB, FULL = (
    masked(0xC2, deflated(said), b"1234", long=True)
    for said in (b"hello", b" " * (MESSAGE_BYTES + 1), b" " * MESSAGE_BYTES)
)
HALF_PACKED = masked(0x41, deflated(b"hello")[:3], b"1234", long=False)
NO_PACKED = masked(0xC1, b"\xff" * 9, b"1234", long=False)


@given(st.lists(FRAME | st.binary(max_size=12), max_size=8), st.lists(st.integers(0, 300), max_size=6))
@example([HALF, WHOLE], [])
@example([HALF, PING, REST, WHOLE], [])
@example([NESTED], [6])
@example([WHOLE, WHOLE], [3, len(WHOLE)])
@example([WHOLE, WHOLE, WHOLE], [3, len(WHOLE), 2 * len(WHOLE)])
@example([PACKED, WHOLE, PACKED], [3, len(PACKED) + 1])
@example([FULL, PACKED], [])
@example([BOMB, WHOLE], [5])
@example([HALF_PACKED, PACKED], [])
@example([PACKED, NO_PACKED, WHOLE], [])
def test_however_bytes_arrive_they_mean_what_the_library_says(parts: list[bytes], cuts: list[int]) -> None:
    """Frames of every kind, and nonsense: the short way past the parser leads to the same messages and answers."""
    data = b"".join(parts)
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    for deflates in (False, True):
        slow = Pair(deflates=deflates, offer=PLAIN_OFFER).server
        slow._between = slow._whole = False
        expected = [one for part in (data[at : at + 1] for at in range(len(data))) for one in slow.receive(part)]
        said = _but_pongs(slow.to_send())
        for at_once in (False, True):
            server = Pair(deflates=deflates, offer=PLAIN_OFFER, at_once=at_once).server
            heard = [one for start, end in pairwise(edges) for one in server.receive(data[start:end])]
            assert heard == expected
            assert (server.closing, server.controls) == (slow.closing, slow.controls)
            assert _but_pongs(server.to_send()) == said


def _but_pongs(frames: list[bytes]) -> list[bytes]:
    return [frame for frame in frames if frame[:1] != b"\x8a"]


@pytest.mark.parametrize("at_once", [False, True])
def test_the_end_is_said_once(at_once: bool) -> None:
    server = Pair(deflates=False, offer=None, at_once=at_once).server
    assert server.to_send() == []
    assert [(list(server.receive(WHOLE)), server.closing, server.stirred)] == [([b"hi"], False, False)]
    server.close(3001, "shutdown")
    server.close(3008, "slow")
    assert (server.closing, server.stirred) == (True, True)
    assert server.to_send() == [b"\x88\x0a\x0b\xb9shutdown"]
    server.end()


@pytest.mark.parametrize("at_once", [False, True])
def test_a_client_that_says_no_more_is_heard_out(at_once: bool) -> None:
    server = Pair(deflates=False, offer=None, at_once=at_once).server
    server.receive_eof()
    assert server.closing
    assert server.to_send() == [b""]
    assert server.closed_with is None


# The cases of the Autobahn suite's groups 12 and 13: every size in every number of pieces, whatever was offered -------

OFFERED = {
    "nothing": ClientPerMessageDeflateFactory(),
    "a client's window": ClientPerMessageDeflateFactory(client_max_window_bits=True),
    "a small client's window": ClientPerMessageDeflateFactory(client_max_window_bits=9),
    "no context of the client": ClientPerMessageDeflateFactory(client_no_context_takeover=True),
    "no context of the server": ClientPerMessageDeflateFactory(server_no_context_takeover=True),
    "no context at all": ClientPerMessageDeflateFactory(
        client_no_context_takeover=True, server_no_context_takeover=True, server_max_window_bits=15
    ),
}
SIZES = (0, 1, 16, 64, 256, 1024, 4096, 8192, MESSAGE_BYTES)
LINES = b'{"id":1,"rpc":{"method":"danmaku.send","data":{"text":"hello"}}}\n'
CONTENTS = {"JSON": LINES * (MESSAGE_BYTES // len(LINES) + 1), "chance": Random(12).randbytes(MESSAGE_BYTES - 512)}
"""What is no shorter when it is deflated must fit as it comes, too."""


def say_deflated(pair: Pair, message: bytes, piece: int) -> None:
    """Let the client say a message in pieces of so many bytes (0: whole), each deflated by itself."""
    parts = [message[at : at + piece] for at in range(0, len(message), piece)] if piece else [message]
    first, *rest = parts or [b""]
    pair.client.send_binary(first, fin=not rest)
    for number, part in enumerate(rest, 2):
        pair.client.send_continuation(part, fin=number == len(parts))


@pytest.mark.parametrize("at_once", [False, True])
@pytest.mark.parametrize("content", CONTENTS)
@pytest.mark.parametrize("offer", OFFERED)
@pytest.mark.parametrize("piece", [0, 256, 1024, 4096])
def test_deflated_messages_come_whole(piece: int, offer: str, content: str, at_once: bool) -> None:
    pair = Pair(deflates=True, offer=OFFERED[offer], at_once=at_once)
    assert pair.server.deflates
    for size in (*SIZES, *reversed(SIZES)):
        message = CONTENTS[content][:size]
        say_deflated(pair, message, piece)
        said = b"".join(pair.client.data_to_send())
        assert [one for at in range(0, len(said), 997) for one in pair.server.receive(said[at : at + 997])] == [message]
    assert pair.server.to_send() == []


@pytest.mark.parametrize("step", [1, 7, 1 << 20])
def test_no_library_is_needed_for_what_browsers_say(step: int) -> None:
    """They deflate each message by itself, however short: what the library holds for each of them is 2 kB."""
    server = Frames(deflates=True, opened=True)
    said = (PACKED + WHOLE + PING) * 3
    heard = [one for at in range(0, len(said), step) for one in server.receive(said[at : at + step])]
    assert heard == [b"hello", b"hi"] * 3
    assert server._library is None


DEFLATED = b"\xf2\x48\xcd\xc9\xc9\x07\x00"
"""RFC 7692, 7.2.3.1: "Hello"."""

TEXT, MORE, LAST, CLOSE, PING_KIND, DEFLATED_BIT = 0x81, 0x01, 0x80, 0x88, 0x89, 0x40


def frames(*said: tuple[int, bytes]) -> bytes:
    return b"".join(masked(first, payload, b"mask", long=False) for first, payload in said)


@pytest.mark.parametrize("at_once", [False, True])
@pytest.mark.parametrize(
    "said",
    [
        ((TEXT | DEFLATED_BIT, DEFLATED),),
        ((MORE | DEFLATED_BIT, DEFLATED[:3]), (LAST, DEFLATED[3:])),
        ((MORE | DEFLATED_BIT, DEFLATED[:3]), (PING_KIND, b""), (LAST, DEFLATED[3:])),
        ((MORE | DEFLATED_BIT, b""), (0x00, DEFLATED), (LAST, b"")),
        ((TEXT | DEFLATED_BIT, b"\x00\x05\x00\xfa\xffHello\x00"),),  # without compression (7.2.3.3)
        ((TEXT | DEFLATED_BIT, b"\xf3\x48\xcd\xc9\xc9\x07\x00\x00"),),  # with a last block (7.2.3.4)
        ((TEXT | DEFLATED_BIT, b"\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00"),),  # two blocks (7.2.3.5)
        ((TEXT, b"Hello"),),  # what is not deflated may come beside what is
    ],
)
def test_the_examples_of_the_standard_are_read(said: Sequence[tuple[int, bytes]], at_once: bool) -> None:
    server = Pair(deflates=True, offer=PLAIN_OFFER, at_once=at_once).server
    for _ in range(3):
        assert list(server.receive(frames(*said))) == [b"Hello"]
    assert not server.closing


@pytest.mark.parametrize("at_once", [False, True])
@pytest.mark.parametrize(
    ("deflates", "code", "said"),
    [
        (False, 1002, ((TEXT | DEFLATED_BIT, DEFLATED),)),  # nobody agreed to it
        (True, 1002, ((PING_KIND | DEFLATED_BIT, DEFLATED),)),
        (True, 1002, ((CLOSE | DEFLATED_BIT, DEFLATED),)),
        (True, 1002, ((MORE | DEFLATED_BIT, DEFLATED[:3]), (LAST | DEFLATED_BIT, DEFLATED[3:]))),
        (True, 1002, ((MORE, b"He"), (LAST | DEFLATED_BIT, b"llo"))),
        (True, 1002, ((TEXT | 0x20, b"Hello"),)),
        (True, 1002, ((TEXT | 0x10, b"Hello"),)),
        (True, 1002, ((TEXT | DEFLATED_BIT, b"\xff" * 20),)),  # no deflated data
    ],
)
def test_what_is_wrongly_deflated_is_no_message_and_ends_the_connection(
    deflates: bool, code: int, said: Sequence[tuple[int, bytes]], at_once: bool
) -> None:
    server = Pair(deflates=deflates, offer=PLAIN_OFFER, at_once=at_once).server
    assert list(server.receive(frames(*said) + WHOLE)) == []
    assert server.closing
    [close, *_] = server.to_send()
    assert (close[0], int.from_bytes(close[2:4], "big")) == (CLOSE, code)


BROKEN = (TEXT | DEFLATED_BIT, b"\xff" * 20)
ENDLESS = ((MORE | DEFLATED_BIT, DEFLATED[:3]), *[(0x00, b"")] * FRAGMENTS)


@pytest.mark.parametrize("at_once", [False, True])
@pytest.mark.parametrize(
    ("said", "code"),
    [
        ((BROKEN,), 1002),
        (((MORE | DEFLATED_BIT, DEFLATED[:3]), BROKEN), 1002),
        (((MORE | DEFLATED_BIT, DEFLATED[:3]), (CLOSE, b"")), 1002),
        (((MORE | DEFLATED_BIT, DEFLATED[:3]), (PING_KIND, b"x" * 126)), 1002),
        (ENDLESS, 1009),
    ],
)
def test_who_is_thrown_out_leaves_nothing_of_what_he_said(
    said: Sequence[tuple[int, bytes]], code: int, at_once: bool
) -> None:
    """Until he is gone, which may take him five seconds, 40 kB would unpack a message that nobody hears."""
    server = Pair(deflates=True, offer=PLAIN_OFFER, at_once=at_once).server
    unpacks = weakref.ref(server._ws.extensions[0])
    assert list(server.receive(frames(*said))) == []
    assert server.closing
    [close, *_] = server.to_send()
    assert (close[0], int.from_bytes(close[2:4], "big")) == (CLOSE, code)
    assert unpacks() is None
    assert server._fragments == b""


@pytest.mark.parametrize("between", [False, True])
def test_nothing_is_heard_after_a_message_in_too_many_pieces(between: bool) -> None:
    """Not what came with it either, which the library has understood before it is told (RFC 6455, 7.1.7)."""
    server = Pair(deflates=False, offer=None).server
    if not between:
        assert list(server.receive(b"\x01")) == []  # from here on the library's parser waits for ends of frames
        first = frames((MORE, b""))[1:]
    else:
        first = frames((MORE, b""))
    assert list(server.receive(first + frames(*[(0x00, b"")] * FRAGMENTS, (LAST, b"")) + WHOLE)) == []
    assert [frame[:1] for frame in server.to_send()] == [b"\x88", b""]


@pytest.mark.parametrize("at_once", [False, True])
@pytest.mark.parametrize(
    "said",
    [
        ((TEXT | DEFLATED_BIT, DEFLATED),),
        ((MORE | DEFLATED_BIT, DEFLATED[:3]), (LAST, DEFLATED[3:])),
    ],
)
def test_a_last_message_that_crosses_the_close_is_not_called_broken(
    said: Sequence[tuple[int, bytes]], at_once: bool
) -> None:
    """He may say so until he has read that he is closed: his answer to that, and not an error, ends the connection."""
    for begun in range(len(said) + 1):
        server = Pair(deflates=True, offer=PLAIN_OFFER, at_once=at_once).server
        assert list(server.receive(frames(*said[:begun]))) == [b"Hello"] * (begun == len(said))
        server.close(3001, "shutdown")
        assert [frame[:1] for frame in server.to_send()] == [b"\x88"]
        heard = list(server.receive(frames(*said[begun:], *said)))
        assert heard == [b"Hello"] * (1 + (begun < len(said)))
        assert server.to_send() == []
        assert list(server.receive(frames((CLOSE, (3001).to_bytes(2, "big"))))) == []
        assert server.to_send() == [b""]
        assert server.closed_with == 3001


@given(st.lists(FRAME | st.binary(max_size=12), max_size=6), st.lists(FRAME, max_size=1), st.integers(0, 300))
def test_a_glimpse_shows_what_is_heard_then_and_changes_nothing(
    parts: list[bytes], before: list[bytes], cut: int
) -> None:
    """Whatever the bytes are; and where they are plain frames, all messages of them that are whole."""
    data, first = b"".join(parts), b"".join(before)[:cut]
    server = Frames(deflates=False, opened=True)
    server.receive(first)
    seen = server.glimpse(data)
    assert server.glimpse(data) == seen
    heard = [one for one in server.receive(data) if isinstance(one, bytes)]
    if server._library is None:  # all of it was plain to see
        assert seen.replace(b"\n", b"") == b"".join(heard).replace(b"\n", b"")


@pytest.mark.parametrize("at_once", [False, True])
def test_a_glimpse_unpacks_where_compression_is_agreed_on(at_once: bool) -> None:
    said = frames((TEXT | DEFLATED_BIT, DEFLATED), (TEXT, b"and"), (TEXT | DEFLATED_BIT, b"\xff" * 20), (CLOSE, b""))
    for deflates, seen in ((True, [b"Hello", b"and", b"", b""]), (False, [b"", b"and", b"", b""])):
        server = Pair(deflates=deflates, offer=PLAIN_OFFER, at_once=at_once).server
        assert server.glimpse(said).split(b"\n") == seen


def test_a_glimpse_of_a_bomb_is_a_glimpse() -> None:
    pair = Pair(deflates=True, offer=PLAIN_OFFER)
    pair.client.send_binary(b" " * 1_000_000)
    assert pair.server.glimpse(b"".join(pair.client.data_to_send())) == b" " * GLIMPSE


@pytest.mark.parametrize("step", [1, 100, 1 << 20])
def test_messages_of_every_length_are_heard(step: int) -> None:
    """126 and 127 are marks in a frame's head, and lengths as well (RFC 6455, 5.2)."""
    for size in (*range(300), 65_535 // 4, MESSAGE_BYTES):
        server, data = Frames(deflates=False, opened=True), masked(0x81, b"x" * size, b"\x01\x82\xfe\xff", long=False)
        heard = [one for at in range(0, len(data), step) for one in server.receive(data[at : at + step])]
        assert heard == [b"x" * size]
