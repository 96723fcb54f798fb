"""Variants: frames, checked against the WebSocket library's own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Frame, Opcode
from websockets.streams import StreamReader

from roomserver.frame_variants import (
    DEFLATE_FROM,
    DEFLATED_JSON,
    DEFLATED_PROTOBUF,
    JSON,
    PROTOBUF,
    Variant,
    framed,
    variant,
)


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536, 70000])
@pytest.mark.parametrize("text", [True, False])
def test_a_frame_is_what_the_websocket_library_makes(size: int, text: bool) -> None:
    payload = b"x" * size
    opcode = Opcode.TEXT if text else Opcode.BINARY
    assert framed(payload, text=text) == Frame(opcode, payload).serialize(mask=False)


def heard(frame: bytes) -> Frame:
    """A frame as a client with the library's own deflate takes it."""
    reader = StreamReader()
    reader.feed_data(frame)
    extension = PerMessageDeflate(
        remote_no_context_takeover=True,
        local_no_context_takeover=True,
        remote_max_window_bits=15,
        local_max_window_bits=15,
    )
    with pytest.raises(StopIteration) as whole:
        next(Frame.parse(reader.read_exact, mask=False, extensions=[extension]))
    assert isinstance(whole.value.value, Frame)
    return whole.value.value


@given(st.binary(max_size=3000), st.sampled_from([JSON, PROTOBUF, DEFLATED_JSON, DEFLATED_PROTOBUF]))
def test_a_shared_frame_is_understood_whatever_its_bytes(payload: bytes, one: Variant) -> None:
    frame = heard(one.shared_frame(payload))
    assert bytes(frame.data) == payload
    assert frame.opcode is (Opcode.TEXT if one in (JSON, DEFLATED_JSON) else Opcode.BINARY)


def test_a_batch_is_deflated_where_it_is_worth_it() -> None:
    batch = b'{"type":"danmaku.said","text":"hello"},' * 40
    assert len(DEFLATED_JSON.shared_frame(batch)) < 0.2 * len(JSON.shared_frame(batch))
    short = batch[: DEFLATE_FROM - 1]
    assert DEFLATED_JSON.shared_frame(short) == JSON.shared_frame(short)
    chance = bytes(range(256))
    assert DEFLATED_JSON.shared_frame(chance) == JSON.shared_frame(chance)


def test_what_is_for_one_alone_is_plain() -> None:
    batch = b'{"type":"danmaku.said","text":"hello"},' * 40
    assert DEFLATED_JSON.frame(batch) == JSON.frame(batch) == JSON.shared_frame(batch)


def test_a_connection_has_the_variant_it_negotiated() -> None:
    assert variant(protobuf=False, deflates=False) is JSON
    assert variant(protobuf=True, deflates=False) is PROTOBUF
    assert variant(protobuf=False, deflates=True) is DEFLATED_JSON
    assert variant(protobuf=True, deflates=True) is DEFLATED_PROTOBUF
    assert DEFLATED_JSON.codec is JSON.codec
