from __future__ import annotations

import contextlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from media import rtcp
from media.feed import Feed
from media.key_frame import H264, VP8
from media.offer import Codec
from media.outlet import Outlet
from media.subscription import Subscription
from media.track import Track
from media.viewing import Viewing
from tests.media.lines import Line, connection
from tests.media.pictures import H264_KEY, packet

SSRC = 4711


class Watched:
    """A viewer of one outlet, on which a track is shown."""

    def __init__(self, *, codec: str = H264) -> None:
        self.line, self.host = Line(), Line()
        self.outlet = Outlet(Feed("video", ssrc=SSRC, sequence=100, timestamp=0))
        feedback = ("nack", "nack pli")
        self.track = Track(
            "p", "video", Codec(name=H264, payload_type=96, rate=90_000, feedback=feedback), self.host.send_rtcp
        )
        self.outlet.show(self.track, 0.0)
        self.began, self.ended = 0, ""
        one = Subscription(self.outlet.feed, connection(self.line), {codec: 120})
        self.viewing = Viewing(
            "v", "room", "vera", connection(self.line), [(self.outlet, one)], began=self._begin, ended=self._end
        )

    def _begin(self, _: Viewing) -> None:
        self.began += 1

    def _end(self, _: Viewing, reason: str) -> None:
        self.ended = reason

    def send(self, sequence: int, now: float, payload: bytes = b"\x41") -> None:
        self.track.take(packet(sequence, payload=payload), now)


def test_he_is_shown_the_picture_from_a_key_frame_on() -> None:
    watched = Watched()
    watched.viewing.opened(1.0)
    assert watched.began == 1
    watched.send(1, 1.0)
    watched.send(2, 1.1, H264_KEY)
    watched.send(3, 1.2)
    assert [(one.sequence, one.payload_type, one.ssrc) for one in watched.line.rtp] == [
        (100, 120, SSRC),
        (101, 120, SSRC),
    ]


def test_his_wish_for_a_key_frame_is_the_tracks() -> None:
    watched = Watched()
    watched.viewing.opened(1.0)
    watched.send(1, 1.0, H264_KEY)
    watched.viewing.rtcp(rtcp.key_request(SSRC), 9.0)
    assert rtcp.KeyWanted(77) in watched.host.told


def test_what_he_lost_he_is_sent_again() -> None:
    watched = Watched()
    watched.viewing.opened(1.0)
    watched.send(1, 1.0, H264_KEY)
    watched.viewing.rtcp(rtcp.again(SSRC, [100, 99]), 1.1)
    assert [one.sequence for one in watched.line.rtp] == [100, 100, 100]
    [(_, one)] = watched.viewing.shown
    assert (one.again, one.refused) == (2, 1)


def test_what_he_says_of_others_streams_is_nothing() -> None:
    watched = Watched()
    watched.viewing.opened(1.0)
    watched.send(1, 1.0, H264_KEY)
    watched.host.rtcp.clear()
    watched.viewing.rtcp(rtcp.key_request(SSRC + 1), 9.0)
    watched.viewing.rtcp(rtcp.again(SSRC + 1, [100]), 9.0)
    assert (watched.host.rtcp, len(watched.line.rtp)) == ([], 1)


def test_he_sends_no_packets() -> None:
    with pytest.raises(ValueError, match="viewer"):
        Watched().viewing.rtp(b"\x80" * 12, 1.0)


def test_who_left_is_shown_nothing_more() -> None:
    watched = Watched()
    watched.viewing.opened(1.0)
    watched.send(1, 1.0, H264_KEY)
    watched.viewing.leave()
    watched.send(2, 1.1)
    assert len(watched.line.rtp) == 1
    watched.viewing.over("lost")
    assert watched.ended == "lost"


def test_who_cannot_play_what_is_sent_is_sent_nothing() -> None:
    watched = Watched(codec=VP8)
    watched.viewing.opened(1.0)
    watched.send(1, 1.0, H264_KEY)
    assert watched.line.rtp == []


@given(st.lists(st.binary(max_size=80)))
@example([rtcp.again(SSRC, range(100))])
def test_nothing_that_a_viewer_says_is_worse_than_a_value_error(said: list[bytes]) -> None:
    watched = Watched()
    watched.viewing.opened(1.0)
    watched.send(1, 1.0, H264_KEY)
    for data in said:
        with contextlib.suppress(ValueError):
            watched.viewing.rtcp(data, 2.0)
        with contextlib.suppress(ValueError):
            watched.viewing.rtp(data, 2.0)
