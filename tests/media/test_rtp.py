from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.rtp import Packet, ahead, is_rtcp, parse, unwrapped, write

packets = st.builds(
    Packet,
    st.integers(0, 0xFFFF),
    st.integers(0, 0xFFFFFFFF),
    st.booleans(),
    st.booleans(),
    st.integers(0, 127),
    st.integers(0, 0xFFFFFFFF),
    st.binary(max_size=50),
)


@given(packets)
def test_what_is_written_is_read(packet: Packet) -> None:
    assert parse(write(packet, packet.payload_type, 0)) == packet


@given(packets, st.integers(0, 127), st.integers(0, 0xFFFF))
def test_only_the_number_and_the_payload_type_are_the_viewers_own(packet: Packet, number: int, shift: int) -> None:
    expected = packet._replace(payload_type=number, sequence=(packet.sequence + shift) & 0xFFFF)
    assert parse(write(packet, number, shift)) == expected


def test_extensions_and_contributing_sources_are_left_behind() -> None:
    header = bytes([0x80 | 0x10 | 2, 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3]) + b"csrc" * 2
    extension = b"\xbe\xde\x00\x01" + b"ext!"
    assert parse(header + extension + b"payload").payload == b"payload"


@given(st.binary(max_size=64))
def test_anything_else_is_a_value_error(data: bytes) -> None:
    try:
        packet = parse(data)
    except ValueError:
        return
    assert data.endswith(packet.payload)


@pytest.mark.parametrize("data", [b"", b"\x80" * 11, b"\x00" * 12, b"\x9f" + b"\x00" * 11, b"\x90" + b"\x00" * 13])
def test_what_is_cut_off_or_of_another_version_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"too short|version|cut off"):
        parse(data)


@given(st.integers(0, 0xFFFF), st.integers(-0x8000, 0x7FFF))
def test_distance_is_counted_across_the_wrap(sequence: int, step: int) -> None:
    assert ahead((sequence + step) & 0xFFFF, sequence) == step


def test_rtcp_is_known_by_its_second_byte() -> None:
    assert is_rtcp(b"\x80\xc8")
    assert not is_rtcp(b"\x80\x60")
    assert not is_rtcp(b"\x80")


@given(packets)
def test_what_is_sent_again_inside_another_stream_is_what_was_lost(packet: Packet) -> None:
    inside = packet.sequence.to_bytes(2) + packet.payload
    again = packet._replace(sequence=7, ssrc=1, payload_type=105, payload=inside, padded=False)
    assert unwrapped(again, packet.payload_type, packet.ssrc) == packet._replace(padded=False)


@pytest.mark.parametrize(("payload", "padded"), [(b"", False), (b"x", False), (bytes(255), True)])
def test_what_only_probes_the_line_holds_nothing(payload: bytes, padded: bool) -> None:
    with pytest.raises(ValueError, match="nothing is sent again"):
        unwrapped(Packet(1, 2, False, padded, 105, 3, payload), 96, 4)
