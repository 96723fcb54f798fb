"""The deadlines of a connection, on a wheel whose time is moved by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from roomserver.centrifuge.session import PING_SECONDS
from roomserver.liveness import EXPIRY_GRACE_SECONDS, PONG_SECONDS, STALE_SECONDS, Liveness, TimeOver
from roomserver.wheel import Wheel
from tests.roomserver.hand_time import later, play


class Connection:
    """Writes down what was over, and when."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.began = self.loop.time()
        self.told: list[tuple[TimeOver, int]] = []

    def on_time(self, over: TimeOver) -> None:
        self.told.append((over, round(self.loop.time() - self.began)))

    def of(self, over: TimeOver) -> list[int]:
        return [at for one, at in self.told if one is over]


@asynccontextmanager
async def watched() -> AsyncIterator[tuple[Connection, Liveness]]:
    loop = asyncio.get_running_loop()
    wheel, connection = Wheel(loop), Connection()
    wheel.start()
    yield connection, Liveness(connection, wheel, loop.time)
    wheel.stop()


def test_a_silent_connection_is_stale_then_pinged_then_dead() -> None:
    async def dialogue() -> None:
        async with watched() as (connection, _):
            await later(PING_SECONDS + PONG_SECONDS + 3)
            overs = [over for over, _ in connection.told]
            assert overs == [TimeOver.AUTHENTICATE, TimeOver.PING, TimeOver.PONG]
            for over, due in ((TimeOver.AUTHENTICATE, STALE_SECONDS), (TimeOver.PING, PING_SECONDS)):
                [at] = connection.of(over)
                assert due <= at <= due + 1

    play(dialogue)


def test_who_is_given_longer_to_authenticate_is_asked_again_and_pinged_as_before() -> None:
    async def dialogue() -> None:
        async with watched() as (connection, liveness):
            await later(STALE_SECONDS + 1)
            liveness.wait_longer()
            await later(PING_SECONDS - STALE_SECONDS + 1)
            [first, second] = connection.of(TimeOver.AUTHENTICATE)
            assert STALE_SECONDS <= second - first <= STALE_SECONDS + 2
            assert len(connection.of(TimeOver.PING)) == 1

    play(dialogue)


def test_any_frame_since_the_ping_is_life_enough() -> None:
    async def dialogue() -> None:
        async with watched() as (connection, liveness):
            for _ in range(4):
                await later(PING_SECONDS + 2)
                liveness.heard = connection.loop.time()
            assert connection.of(TimeOver.PONG) == []
            assert len(connection.of(TimeOver.PING)) == 4

    play(dialogue)


def test_a_token_is_over_after_its_grace_and_a_renewed_one_is_not() -> None:
    async def dialogue() -> None:
        async with watched() as (connection, liveness):
            liveness.renew(40)
            await later(30)
            liveness.renew(100)
            await later(40 + EXPIRY_GRACE_SECONDS)
            assert connection.of(TimeOver.TOKEN) == []
            await later(63)
            at = connection.of(TimeOver.TOKEN)[0]  # the first one closes it
            assert 130 + EXPIRY_GRACE_SECONDS <= at <= 132 + EXPIRY_GRACE_SECONDS

    play(dialogue)


def test_nothing_is_asked_of_a_connection_that_is_lost() -> None:
    async def dialogue() -> None:
        async with watched() as (connection, liveness):
            liveness.renew(1)
            liveness.end()
            await later(100)
            assert connection.told == []

    play(dialogue)


def test_nothing_is_kept_on_the_wheel_of_who_goes_at_once() -> None:
    async def dialogue() -> None:
        async with watched() as (connection, liveness):
            wheel = liveness._wheel
            liveness.cut_off_after(1)
            liveness.end()
            assert [sum(map(len, wheel._slots)), sum(map(len, wheel._lines.values()))] == [0, 0]
            await later(STALE_SECONDS + 1)
            assert connection.told == []

    play(dialogue)


def test_who_is_to_go_is_cut_off_in_time_and_who_has_gone_is_not() -> None:
    async def dialogue() -> None:
        for ended in (False, True):
            async with watched() as (connection, liveness):
                liveness.cut_off_after(2)
                if ended:
                    liveness.end()
                await later(1.9)
                assert connection.told == []
                await later(1.2)
                assert len(connection.of(TimeOver.CLOSE)) == (not ended)

    play(dialogue)
