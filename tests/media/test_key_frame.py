from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.key_frame import H264, OPUS, VP8, begins_key_frame


@pytest.mark.parametrize(
    ("payload", "begins"),
    [
        (b"\x67sps", True),
        (b"\x65idr", True),
        (b"\x41slice", False),
        (b"\x06sei", False),
        (b"\x78\x00\x02\x67s\x00\x02\x68p", True),  # aggregated: parameter sets
        (b"\x78\x00\x02\x06s\x00\x02\x65i", True),
        (b"\x78\x00\x02\x06s\x00\x02\x41p", False),
        (b"\x7c\x85first fragment", True),
        (b"\x7c\x05later fragment", False),
        (b"\x7c\x81fragment of a slice", False),
        (b"", False),
        (b"\x7c", False),
    ],
)
def test_h264(payload: bytes, begins: bool) -> None:
    assert begins_key_frame(H264, payload) is begins


@pytest.mark.parametrize(
    ("payload", "begins"),
    [
        (b"\x10\x00", True),
        (b"\x10\x01", False),  # leans on others
        (b"\x00\x00", False),  # not the start of a partition
        (b"\x11\x00", False),  # the second partition
        (b"\x90\x80\x05\x00", True),  # picture number of one byte
        (b"\x90\x80\x85\x05\x00", True),  # of two bytes
        (b"\x90\x80\x85\x05\x01", False),
        (b"\x90\xe0\x85\x05\x01\x02\x00", True),  # with layers and a key index
        (b"\x10", False),
        (b"", False),
    ],
)
def test_vp8(payload: bytes, begins: bool) -> None:
    assert begins_key_frame(VP8, payload) is begins


def test_sound_begins_anywhere() -> None:
    assert begins_key_frame(OPUS, b"anything")


@given(st.sampled_from([H264, VP8]), st.binary(max_size=40))
def test_no_payload_confuses_it(codec: str, payload: bytes) -> None:
    assert begins_key_frame(codec, payload) in (True, False)
