from __future__ import annotations

import pytest

from media import rtcp
from media.offer import Codec
from media.policy import ANSWER_SECONDS, KEY_SECONDS
from media.rtp import Packet
from media.track import Track
from tests.media.pictures import H264_KEY, packet


class Screen:
    """Where a track is shown."""

    def __init__(self) -> None:
        self.seen: list[int] = []
        self.clocks: list[tuple[int, int]] = []

    def take(self, _track: Track, shown: Packet, _now: float) -> None:
        self.seen.append(shown.sequence)

    def clock(self, _track: Track, ntp: int, timestamp: int) -> None:
        self.clocks.append((ntp, timestamp))


def made(*feedback: str) -> tuple[Track, Screen, list[rtcp.Told]]:
    asked: list[rtcp.Told] = []
    video = Codec(name="H264", payload_type=96, rate=90_000, feedback=feedback)
    track, screen = Track("session", "video", video, lambda data: asked.extend(rtcp.read(data))), Screen()
    track.shown.append(screen)
    return track, screen, asked


def test_packets_are_shown_as_they_come_and_asked_for_when_they_do_not() -> None:
    track, screen, asked = made("nack")
    for sequence in (1, 2, 5):
        track.take(packet(sequence), 0.0)
    assert screen.seen == [1, 2, 5]
    assert asked == [rtcp.Lost(77, (3, 4))]
    track.take(packet(4), 0.01)
    track.tick(0.2)
    assert asked[1:] == [rtcp.Lost(77, (3,))]
    assert track.asked_again == 3


def test_another_stream_under_the_same_number_is_none_of_it() -> None:
    track, screen, _ = made()
    track.take(packet(1), 0.0)
    with pytest.raises(ValueError, match="another stream"):
        track.take(packet(2, ssrc=78), 0.0)
    assert screen.seen == [1]


def test_who_does_not_understand_is_asked_for_nothing() -> None:
    track, screen, asked = made()
    for sequence in (1, 5):
        track.take(packet(sequence), 0.0)
    track.want_key(0.0)
    track.tick(1.0)
    assert (screen.seen, asked) == ([1, 5], [])


def test_key_frames_are_asked_for_now_and_then() -> None:
    track, _, asked = made("nack", "nack pli")
    track.want_key(0.0)
    assert asked == [], "nobody is known yet who could be asked"
    track.take(packet(1, payload=H264_KEY), 0.0)
    assert asked == []
    for step in range(10):
        track.want_key(0.1 + step / 100)
    assert asked == [rtcp.KeyWanted(77)]
    track.take(packet(2, payload=H264_KEY), 0.3)
    track.tick(0.1 + KEY_SECONDS)
    assert asked == [rtcp.KeyWanted(77)], "it came for all who wanted it"
    assert track.key_requests == 1


def test_a_picture_whose_beginning_is_lost_is_asked_to_begin_again() -> None:
    track, _, asked = made("nack", "nack pli")
    track.take(packet(1), 0.0)
    assert asked == [rtcp.KeyWanted(77)]
    track.take(packet(2), 0.1)
    track.tick(0.1 + KEY_SECONDS)
    assert track.key_requests == 1
    track.tick(ANSWER_SECONDS)
    assert track.key_requests == 2, "the first request may be lost, too"


def test_clocks_are_passed_on_and_answered() -> None:
    track, screen, _ = made()
    track.take(packet(1), 0.0)
    track.clock(0x1_0000_0000, 9, 1.0)
    assert screen.clocks == [(0x1_0000_0000, 9)]
    report, octets = track.report(1.5)
    assert (report.lsr, report.dlsr, octets) == (0x10000, 32768, 6)
