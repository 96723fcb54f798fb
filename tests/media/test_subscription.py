from __future__ import annotations

import asyncio

from media.feed import Feed, Source
from media.key_frame import H264
from media.subscription import AGAIN_A_SECOND, BURST, Subscription
from tests.media.lines import Line, connection
from tests.media.pictures import H264_KEY, packet
from tests.patience import PATIENCE

SOURCE = Source(session="p/video", codec=H264, rate=90_000)


def fed(count: int) -> Feed:
    """A feed of a key frame and what follows, numbered from 0."""
    feed = Feed("video", ssrc=1, sequence=0, timestamp=0)
    feed.switch(SOURCE)
    for sequence in range(count):
        feed.take(SOURCE, packet(sequence, payload=H264_KEY if sequence == 0 else b"\x41"), 1.0)
    return feed


def subscribed(feed: Feed) -> tuple[Subscription, Line]:
    line = Line()
    return Subscription(feed, connection(line), {H264: 120}), line


async def test_who_comes_late_is_sent_so_much_at_a_time_and_then_is_there() -> None:
    feed = fed(2 * BURST + 5)
    one, line = subscribed(feed)
    there = asyncio.Event()
    one.catch_up(0, lambda _: there.set())
    assert len(line.rtp) == BURST
    async with asyncio.timeout(PATIENCE):
        await there.wait()
    assert [sent.sequence for sent in line.rtp] == list(range(2 * BURST + 5))
    assert one.caught_up == 2 * BURST + 5


async def test_who_leaves_while_he_catches_up_is_sent_nothing_more() -> None:
    one, line = subscribed(fed(3 * BURST))
    one.catch_up(0, lambda _: None)
    assert one._timer is not None
    waiting = one._timer
    one.stop()
    one.stop()
    assert waiting.cancelled()
    assert len(line.rtp) == BURST


def test_what_he_lost_is_named_as_he_numbers_it() -> None:
    one, line = subscribed(fed(4))
    one.shift = 0x8000
    one.send_again((0x8002,), 1.0)
    assert {sent.sequence for sent in line.rtp} == {0x8002}


def test_what_he_lost_is_all_sent_again_and_then_once_more() -> None:
    one, line = subscribed(fed(4))
    one.send_again((1, 2), 1.0)
    assert [sent.sequence for sent in line.rtp] == [1, 2, 1, 2]
    assert (one.again, one.refused) == (4, 0)


def test_so_much_is_sent_again_in_a_second_and_no_more() -> None:
    one, line = subscribed(fed(2))
    one.send_again((1,) * (AGAIN_A_SECOND + 7), 1.0)
    assert (len(line.rtp), one.again, one.refused) == (AGAIN_A_SECOND, AGAIN_A_SECOND, 7)
    one.send_again((1,), 2.0)
    assert len(line.rtp) == AGAIN_A_SECOND + 2


def test_what_is_not_kept_is_not_sent() -> None:
    one, line = subscribed(fed(2))
    one.send_again((9,), 1.0)
    assert (line.rtp, one.refused) == ([], 1)
