import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode
from websockets.server import ServerProtocol

from loadtest import frames
from loadtest.faults import WireFault
from loadtest.frames import FrameReader, Message, client_frame


def server_frame(first: int, payload: bytes) -> bytes:
    return Frame(Opcode(first & 0x0F), payload, fin=bool(first & 0x80)).serialize(mask=False)


@given(st.binary(max_size=70_000), st.binary(min_size=4, max_size=4))
def test_a_server_reads_what_the_client_frames(payload: bytes, mask: bytes) -> None:
    server = ServerProtocol(max_size=None)
    server.receive_data(
        b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    (request,) = server.events_received()
    server.send_response(server.accept(request))  # type: ignore[arg-type]  # the only event there can be
    server.receive_data(client_frame(frames.BINARY, payload, mask))
    (frame,) = server.events_received()
    assert isinstance(frame, Frame)
    assert bytes(frame.data) == payload


@given(st.lists(st.binary(max_size=300), max_size=5), st.integers(min_value=1, max_value=40))
def test_messages_survive_any_cut_of_the_stream(payloads: list[bytes], size: int) -> None:
    stream = b"".join(server_frame(0x82, payload) for payload in payloads)
    reader = FrameReader()
    read = [message for at in range(0, len(stream), size) for message in reader.feed(stream[at : at + size])]
    assert read == [Message(frames.BINARY, payload) for payload in payloads]


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536, 70_000])
def test_every_length_form_is_read(size: int) -> None:
    assert FrameReader().feed(server_frame(0x81, b"x" * size)) == [Message(frames.TEXT, b"x" * size)]


def test_fragments_are_joined_around_a_ping() -> None:
    stream = server_frame(0x01, b"a") + server_frame(0x89, b"?") + server_frame(0x80, b"b")
    assert FrameReader().feed(stream) == [Message(frames.PING, b"?"), Message(frames.TEXT, b"ab")]


@pytest.mark.parametrize(
    "stream",
    [
        b"\xc1\x00",  # a reserved bit
        b"\x83\x00",  # an unknown opcode
        b"\x81\x80\x00\x00\x00\x00",  # masked
        b"\x09\x00",  # a fragmented ping
        b"\x89\x7e\x00\x7e" + b"x" * 126,  # a long ping
        b"\x80\x00",  # a continuation of nothing
        b"\x01\x00\x81\x00",  # a new message inside another
        b"\x81\x7f\x00\x00\x00\x01\x00\x00\x00\x00",  # 4 GiB
    ],
)
def test_what_a_server_must_not_send_is_refused(stream: bytes) -> None:
    with pytest.raises(WireFault):
        FrameReader().feed(stream)


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_read_or_refused_by_name(stream: bytes) -> None:
    with suppress(WireFault):
        FrameReader().feed(stream)


def packed(payload: bytes, first: int = 0xC1) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    squeezed = (packer.compress(payload) + packer.flush(zlib.Z_SYNC_FLUSH)).removesuffix(b"\x00\x00\xff\xff")
    assert len(squeezed) < 126
    return bytes((first, len(squeezed))) + squeezed


def test_a_compressed_message_is_read_where_it_was_agreed_upon() -> None:
    said = b"message " * 50
    assert FrameReader(deflate=True).feed(packed(said)) == [(frames.TEXT, said)]
    assert FrameReader(deflate=True).feed(b"\x81\x02hi") == [(frames.TEXT, b"hi")]
    with pytest.raises(WireFault, match="reserved bit"):
        FrameReader().feed(packed(said))


def test_what_cannot_be_unpacked_is_a_fault() -> None:
    with pytest.raises(WireFault, match="cannot be read"):
        FrameReader(deflate=True).feed(b"\xc1\x04\xff\xff\xff\xff")
    with pytest.raises(WireFault, match="above 16 MiB"):
        frames.inflate(zlib.compress(b"a" * (frames.LONGEST_MESSAGE + 1), wbits=-zlib.MAX_WBITS))
