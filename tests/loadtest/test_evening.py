"""The test picture: it decodes, moves, and ends as it begins."""

import av
import pytest

from loadtest.evening import FRAMES_PER_SECOND, KEY_EVERY, SECONDS, Loop, drawn, evening, played

LOUD = 8000


@pytest.fixture(scope="module")
def loop() -> Loop:
    return evening()


def test_every_frame_and_every_20_ms_is_a_packet(loop: Loop) -> None:
    assert len(loop.video) == SECONDS * FRAMES_PER_SECOND
    assert len(loop.audio) == SECONDS * 50
    assert 8 * sum(map(len, loop.video)) / SECONDS < 600_000, "it is for a whole evening"


def test_there_is_a_key_frame_every_second(loop: Loop) -> None:
    keys = [number for number, packet in enumerate(loop.video) if not packet[0] & 1]  # RFC 6386, 9.1
    assert keys == list(range(0, len(loop.video), KEY_EVERY))


def test_it_decodes_again_and_again(loop: Loop) -> None:
    codec = av.CodecContext.create("libvpx", "r")
    frames = [frame for packet in (*loop.video, *loop.video) for frame in codec.decode(av.Packet(packet))]
    assert len(frames) == 2 * len(loop.video)


def test_it_moves_and_ends_as_it_begins() -> None:
    first, later, last = (bytes(drawn(moment).planes[0]) for moment in (0.0, 0.25, 1.0))
    assert first != later
    assert max(abs(one - other) for one, other in zip(first, last, strict=True)) <= 1


def test_it_is_to_be_heard_and_not_loud() -> None:
    assert 500 < max(played()) < LOUD
