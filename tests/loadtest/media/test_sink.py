from __future__ import annotations

from aiortc import RTCDtlsTransport, RTCRtpReceiver
from aiortc.rtp import RtpPacket

from loadtest.media.sink import Counted
from media.dtls import Channel, make_certificate


def counted(*sequences: int) -> Counted:
    receiver = RTCRtpReceiver("video", RTCDtlsTransport(Channel(lambda _: None), [make_certificate()]))  # type: ignore[arg-type]  # as in media/dtls.py
    found = Counted()
    for sequence in sequences:
        found.take(receiver, RtpPacket(sequence_number=sequence))
    return found


def test_what_is_left_out_is_missing_until_it_comes() -> None:
    assert counted(0xFFFE, 0xFFFF, 0, 1).gaps == 0
    assert counted(1, 2, 5).gaps == 2
    assert counted(1, 2, 5, 3, 4).gaps == 0
