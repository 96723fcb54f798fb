"""A packet is written once for all who number it alike; whole sessions are in test_sfu.py."""

from __future__ import annotations

from typing import Any, cast

from media.connection import Connection
from media.feed import Feed
from media.offer import Codec
from media.outlet import Outlet
from media.rtp import parse
from media.subscription import Subscription
from media.track import Track
from tests.media.pictures import H264_KEY, packet


class Wire:
    """A connection that keeps what it is to send."""

    def __init__(self) -> None:
        self.rtp: list[bytes] = []
        self.rtcp: list[bytes] = []

    def send_rtp(self, plain: bytes) -> None:
        self.rtp.append(plain)

    def send_rtcp(self, plain: bytes) -> None:
        self.rtcp.append(plain)


def outlet() -> tuple[Outlet, Track]:
    made = Outlet(Feed("video", ssrc=42, sequence=100, timestamp=0))
    track = Track("s", "video", Codec(name="H264", payload_type=96, rate=90_000), lambda _: None)
    made.show(track, 0.0)
    return made, track


def viewer(of: Outlet, numbers: dict[str, int]) -> tuple[Wire, Subscription]:
    wire = Wire()
    one = Subscription(of.feed, cast(Connection, cast(Any, wire)), numbers)  # the part of a connection that it uses
    of.join(one, 0.0)
    return wire, one


def test_who_numbers_it_alike_is_sent_the_same_bytes() -> None:
    of, track = outlet()
    (ada, _), (bob, _), (cyd, _) = (viewer(of, {"H264": number}) for number in (96, 96, 102))
    track.take(packet(1, payload=H264_KEY), 0.0)
    assert ada.rtp[0] is bob.rtp[0], "written once"
    assert parse(cyd.rtp[0]) == parse(ada.rtp[0])._replace(payload_type=102)


def test_who_cannot_decode_it_is_sent_nothing() -> None:
    of, track = outlet()
    wire, _ = viewer(of, {"VP8": 97})
    track.take(packet(1, payload=H264_KEY), 0.0)
    assert wire.rtp == []


def test_who_waits_begins_with_a_key_frame_and_who_left_gets_no_more() -> None:
    of, track = outlet()
    wire, one = viewer(of, {"H264": 96})
    track.take(packet(1), 0.0)
    assert wire.rtp == []
    track.take(packet(2, payload=H264_KEY), 0.0)
    track.take(packet(3, 3000), 0.0)
    assert [parse(data).sequence for data in wire.rtp] == [100, 101]
    of.leave(one)
    track.take(packet(4, 6000), 0.0)
    assert len(wire.rtp) == 2


def test_who_joins_is_told_the_time() -> None:
    of, track = outlet()
    track.take(packet(1, payload=H264_KEY), 0.0)
    track.clock(7, 0, 0.0)
    wire, _ = viewer(of, {"H264": 96})
    assert len(wire.rtcp) == 1


def test_nobody_is_told_the_time_of_a_source_that_is_shown_no_more() -> None:
    of, track = outlet()
    track.take(packet(1, payload=H264_KEY), 0.0)
    track.clock(7, 0, 0.0)
    other = Track("t", "video", Codec(name="H264", payload_type=96, rate=90_000), lambda _: None)
    of.show(other, 0.0)
    other.take(packet(9, payload=H264_KEY, ssrc=5), 0.1)
    wire, _ = viewer(of, {"H264": 96})
    assert (len(wire.rtp), wire.rtcp) == (1, [])
    other.clock(1 << 40, 0, 0.2)
    assert len(wire.rtcp) == 1


def test_a_track_that_is_shown_no_more_is_not_listened_to() -> None:
    of, track = outlet()
    track.take(packet(1, payload=H264_KEY), 0.0)
    other = Track("t", "video", Codec(name="H264", payload_type=96, rate=90_000), lambda _: None)
    of.show(other, 0.0)
    assert (len(track.shown), len(other.shown)) == (1, 1), "until the other's picture begins"
    other.take(packet(9, payload=H264_KEY, ssrc=5), 0.1)
    assert (len(track.shown), len(other.shown)) == (0, 1)
    of.show(None, 0.2)
    assert other.shown == []
