from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from media.feed import CATCH_UP_PACKETS, CATCH_UP_SECONDS, Feed, Source, shift_from
from media.ring import SIZE
from media.rtp import ahead
from tests.media.pictures import H264_DELTA, H264_KEY, packet

HOST = Source(session="host", codec="H264", rate=90_000)
GUEST = Source(session="guest", codec="H264", rate=90_000)


def feed(*, sequence: int = 1000, timestamp: int = 5000) -> Feed:
    made = Feed("video", ssrc=42, sequence=sequence, timestamp=timestamp)
    made.switch(HOST)
    return made


def test_a_feed_begins_with_a_key_frame() -> None:
    of = feed()
    assert of.take(HOST, packet(7, 100, H264_DELTA), 0.0) is None
    begun = of.take(HOST, packet(8, 200, H264_KEY), 0.1)
    assert begun is not None
    assert (begun.packet.sequence, begun.packet.timestamp, begun.packet.ssrc) == (1000, 5000, 42)


def test_another_source_is_shown_from_its_next_key_frame_on() -> None:
    of = feed()
    of.take(HOST, packet(0, 0, H264_KEY), 1.0)
    of.switch(GUEST)
    assert of.take(GUEST, packet(500, 9, H264_DELTA), 1.1) is None
    still = of.take(HOST, packet(1, 3000), 1.2)
    assert still is not None
    assert still.packet.sequence == 1001
    begun = of.take(GUEST, packet(501, 777, H264_KEY), 1.7)
    assert begun is not None
    assert begun.packet.sequence == 1002
    assert begun.packet.timestamp == 5000 + 3000 + 45_000, "half a second passed"
    assert of.take(HOST, packet(2, 6000), 1.8) is None


def test_nobody_is_shown_once_the_source_is_taken_away() -> None:
    of = feed()
    of.take(HOST, packet(0, 0, H264_KEY), 1.0)
    of.switch(None)
    assert of.take(HOST, packet(1, 3000, H264_KEY), 1.1) is None


def test_the_same_source_needs_no_new_key_frame() -> None:
    of = feed()
    of.take(HOST, packet(0, 0, H264_KEY), 1.0)
    of.switch(GUEST)
    of.switch(HOST)
    assert of.take(GUEST, packet(9, 0, H264_KEY), 1.1) is None
    assert of.take(HOST, packet(1, 3000), 1.2) is not None


def test_what_came_late_has_the_number_that_was_left_out() -> None:
    of = feed()
    of.take(HOST, packet(0, 0, H264_KEY), 1.0)
    after = of.take(HOST, packet(2, 3000), 1.1)
    late = of.take(HOST, packet(1, 0), 1.2)
    assert after is not None
    assert late is not None
    assert (late.packet.sequence, after.packet.sequence, of.last) == (1001, 1002, 1002)


def test_what_is_older_than_the_source_is_no_part_of_it() -> None:
    of = feed()
    of.take(HOST, packet(10, 0, H264_KEY), 1.0)
    assert of.take(HOST, packet(9, 0), 1.1) is None


def test_packets_are_kept_for_whoever_lost_them() -> None:
    of = feed(sequence=0xFFFF)
    first = of.take(HOST, packet(3, 0, H264_KEY), 1.0)
    second = of.take(HOST, packet(4, 0), 1.0)
    assert of.kept(0xFFFF) == first
    assert of.kept(0) == second
    assert of.kept(1) is None


def test_who_joins_is_shown_the_picture_from_its_key_frame_on() -> None:
    of = feed()
    assert of.entry(0.0) is None
    of.take(HOST, packet(0, 0, H264_KEY), 1.0)
    of.take(HOST, packet(1, 0, H264_KEY), 1.0)  # its second packet
    of.take(HOST, packet(2, 3000), 1.1)
    assert of.entry(1.2) == 1000
    assert of.entry(1.0 + CATCH_UP_SECONDS + 0.1) is None, "too old"


def test_who_joins_is_shown_nothing_of_a_source_that_was_taken_away() -> None:
    of = feed()
    of.take(HOST, packet(0, 0, H264_KEY), 1.0)
    of.switch(None)
    assert of.entry(1.1) is None


def test_a_key_frame_whose_first_packet_comes_late_begins_with_it() -> None:
    of = feed()
    of.take(HOST, packet(0, 0, H264_KEY), 1.0)
    of.take(HOST, packet(2, 3000, H264_KEY), 1.1)  # a slice; its parameter sets are lost
    late = of.take(HOST, packet(1, 3000, b"\x67sets"), 1.2)
    assert late is not None
    assert (of.entry(1.3), late.packet.sequence) == (1001, 1001)


def test_a_large_group_of_pictures_is_not_caught_up_with() -> None:
    of = feed()
    of.take(HOST, packet(0, 0, H264_KEY), 1.0)
    for sequence in range(1, CATCH_UP_PACKETS + 1):
        of.take(HOST, packet(sequence, 3000), 1.1)
    assert of.entry(1.2) is None


def test_sound_that_was_heard_is_over() -> None:
    of = Feed("audio", ssrc=1, sequence=0, timestamp=0)
    opus = Source(session="host", codec="opus", rate=48_000)
    of.switch(opus)
    begun = of.take(opus, packet(5, 5), 1.0)
    assert begun is not None
    assert of.begins(begun.packet)
    assert of.entry(1.0) is None


def test_who_joins_near_the_wrap_is_numbered_in_the_lower_half() -> None:
    assert (0xFFFE + shift_from(0xFFFE)) & 0xFFFF == 0x7FFE
    assert shift_from(0x7FFF) == 0


def test_times_of_another_source_are_not_of_this_feed() -> None:
    of = feed()
    of.take(HOST, packet(0, 100, H264_KEY), 1.0)
    assert of.time_of(HOST, 190) == 5090
    assert of.time_of(GUEST, 190) is None


@given(
    st.integers(0, 0xFFFF),
    st.lists(st.tuples(st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF), st.integers(1, 50)), min_size=1, max_size=6),
)
def test_numbers_go_on_whatever_the_sources(start: int, sources: list[tuple[int, int, int]]) -> None:
    of = Feed("video", ssrc=42, sequence=start, timestamp=0)
    now, last_time, expected = 0.0, 0, start
    for place, (sequence, timestamp, length) in enumerate(sources):
        source = Source(session=str(place), codec="H264", rate=90_000)
        of.switch(source)
        for step in range(length):
            now += 0.02
            payload = H264_KEY if step == 0 else H264_DELTA
            out = of.take(source, packet(sequence + step, timestamp + 1800 * step, payload), now)
            assert out is not None
            assert out.packet.sequence == expected
            assert expected == start or 0 < (out.packet.timestamp - last_time) % 2**32 < 10_000
            expected, last_time = (expected + 1) & 0xFFFF, out.packet.timestamp


def test_numbers_may_go_round_and_round() -> None:
    of = feed(sequence=0)
    of.take(HOST, packet(0, 0, H264_KEY), 0.0)
    for sequence in range(1, 200_000):
        out = of.take(HOST, packet(sequence, sequence), 0.0)
        assert out is not None
        assert out.packet.sequence == sequence & 0xFFFF
    assert of.take(HOST, packet(200_000 - SIZE - 10, 0), 0.0) is None, "so late that it would be taken for new"
    assert ahead(of.last, 199_999 & 0xFFFF) == 0
