from __future__ import annotations

from aiortc.rtp import RtcpPacket, RtcpPsfbPacket, RtcpRrPacket, unpack_remb_fci
from hypothesis import given
from hypothesis import strategies as st

from media import rtcp
from media.reception import Report

REPORT = Report(fraction=5, lost=7, highest=0x10003, jitter=9, lsr=11, dlsr=13)


@given(st.sets(st.integers(0, 0xFFFF), min_size=1, max_size=rtcp.NACKED))
def test_what_is_asked_for_again_is_what_the_sender_reads(sequences: set[int]) -> None:
    [lost] = rtcp.read(rtcp.again(5, list(sequences)))
    assert isinstance(lost, rtcp.Lost)
    assert (lost.ssrc, set(lost.sequences)) == (5, sequences)


def test_a_request_names_no_more_than_fits() -> None:
    [lost] = rtcp.read(rtcp.again(5, list(range(0, 4000, 20))))
    assert isinstance(lost, rtcp.Lost)
    assert len(lost.sequences) == rtcp.NACKED


def test_key_frames_are_asked_for_in_two_ways() -> None:
    full_intra = bytes(RtcpPsfbPacket(fmt=4, ssrc=1, media_ssrc=0, fci=b"\0\0\0\x05\x01\0\0\0\0\0\0\x06\x02\0\0\0"))
    assert rtcp.read(rtcp.key_request(5)) == [rtcp.KeyWanted(5)]
    assert rtcp.read(full_intra) == [rtcp.KeyWanted(5), rtcp.KeyWanted(6)]


def test_a_sender_is_told_how_it_arrives_and_what_he_may_send() -> None:
    report, estimate = RtcpPacket.parse(rtcp.receiver_report({5: REPORT}, 2_500_000))
    assert isinstance(report, RtcpRrPacket)
    assert isinstance(estimate, RtcpPsfbPacket)
    assert (report.reports[0].fraction_lost, report.reports[0].highest_sequence) == (5, 0x10003)
    bitrate, streams = unpack_remb_fci(estimate.fci)
    assert abs(bitrate - 2_500_000) < 100
    assert streams == [5]


def test_without_a_policy_nothing_is_said_of_the_bitrate() -> None:
    assert len(RtcpPacket.parse(rtcp.receiver_report({5: REPORT}, None))) == 1


def test_instants_pass_unchanged() -> None:
    sent = rtcp.sender_report(5, 0x1234_5678_9ABC_DEF0, 90, 2**33, 1)
    assert rtcp.read(sent) == [rtcp.Clocked(5, 0x1234_5678_9ABC_DEF0, 90)]


@given(
    st.binary(max_size=100)
    | st.builds(lambda kind, rest: b"\x81" + bytes([kind]) + rest, st.integers(200, 207), st.binary(max_size=60))
)
def test_anything_else_is_a_value_error(data: bytes) -> None:
    try:
        rtcp.read(data)
    except ValueError:
        return
