"""RTCP (RFC 3550, 4585, 5104): read as events, written as bytes; the door to aiortc's classes."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTCP_PSFB_FIR,
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    AnyRtcpPacket,
    RtcpPacket,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSenderInfo,
    RtcpSrPacket,
    pack_remb_fci,
)

from media.reception import Report

OUR_SSRC = 1
"""Of reports that are sent by an end that sends nothing else."""

_FIR_ENTRY = 8
NACKED = 128
"""Packets named in one request: what fits a packet of the usual size."""


@dataclass(frozen=True, slots=True)
class KeyWanted:
    """Somebody cannot go on without a key frame of this stream (PLI, FIR)."""

    ssrc: int


@dataclass(frozen=True, slots=True)
class Lost:
    """Somebody asks for these packets of this stream again."""

    ssrc: int
    sequences: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Clocked:
    """A sender says at which instant (NTP, 64 bits) its stream had which timestamp."""

    ssrc: int
    ntp: int
    timestamp: int


@dataclass(frozen=True, slots=True)
class Received:
    """A receiver says which share of this stream, of 256, it lost lately."""

    ssrc: int
    fraction: int


Told = KeyWanted | Lost | Clocked | Received


def read(data: bytes) -> list[Told]:
    """What a compound packet says that matters here.

    Raises ValueError.
    """
    try:
        return [told for packet in RtcpPacket.parse(data) for told in _told(packet)]
    except (struct.error, IndexError, AssertionError):
        raise ValueError("this RTCP cannot be read") from None


def _told(packet: AnyRtcpPacket) -> Iterator[Told]:
    match packet:
        case RtcpPsfbPacket(fmt=fmt, media_ssrc=ssrc) if fmt == RTCP_PSFB_PLI:
            yield KeyWanted(ssrc)
        case RtcpPsfbPacket(fmt=fmt, fci=fci) if fmt == RTCP_PSFB_FIR:
            entries = range(0, len(fci) - _FIR_ENTRY + 1, _FIR_ENTRY)
            yield from (KeyWanted(int.from_bytes(fci[at : at + 4])) for at in entries)
        case RtcpRtpfbPacket(fmt=fmt, media_ssrc=ssrc, lost=lost) if fmt == RTCP_RTPFB_NACK:
            yield Lost(ssrc, tuple(one & 0xFFFF for one in lost))  # theirs counts past the wrap
        case RtcpSrPacket(ssrc=ssrc, sender_info=info, reports=reports):
            yield Clocked(ssrc, info.ntp_timestamp, info.rtp_timestamp)
            yield from (Received(one.ssrc, one.fraction_lost) for one in reports)
        case RtcpRrPacket(reports=reports):
            yield from (Received(one.ssrc, one.fraction_lost) for one in reports)
        case _:
            return


def key_request(ssrc: int) -> bytes:
    """Ask the sender of a stream for a key frame."""
    return bytes(RtcpPsfbPacket(fmt=RTCP_PSFB_PLI, ssrc=OUR_SSRC, media_ssrc=ssrc))


def again(ssrc: int, sequences: Sequence[int]) -> bytes:
    """Ask the sender of a stream for packets again, the first ``NACKED`` of these."""
    wanted = sorted(sequences[:NACKED])  # their writer cannot count past the wrap
    return bytes(RtcpRtpfbPacket(fmt=RTCP_RTPFB_NACK, ssrc=OUR_SSRC, media_ssrc=ssrc, lost=wanted))


def receiver_report(reports: Mapping[int, Report], bitrate: int | None) -> bytes:
    """Tell a sender how its streams, by SSRC, arrive, and how many bits a second it may send in all."""
    blocks = [
        RtcpReceiverInfo(
            ssrc=ssrc,
            fraction_lost=one.fraction,
            packets_lost=one.lost,
            highest_sequence=one.highest,
            jitter=one.jitter,
            lsr=one.lsr,
            dlsr=one.dlsr,
        )
        for ssrc, one in reports.items()
    ]
    said = bytes(RtcpRrPacket(ssrc=OUR_SSRC, reports=blocks))
    if bitrate is not None:
        estimate = pack_remb_fci(bitrate, list(reports))
        said += bytes(RtcpPsfbPacket(fmt=RTCP_PSFB_APP, ssrc=OUR_SSRC, media_ssrc=0, fci=estimate))
    return said


def sender_report(ssrc: int, ntp: int, timestamp: int, packets: int, octets: int) -> bytes:
    """Tell receivers of a stream at which instant it had which timestamp, and how much was sent."""
    info = RtcpSenderInfo(
        ntp_timestamp=ntp,
        rtp_timestamp=timestamp,
        packet_count=packets & 0xFFFFFFFF,
        octet_count=octets & 0xFFFFFFFF,
    )
    return bytes(RtcpSrPacket(ssrc=ssrc, sender_info=info))
