"""A crowd that talks as fast as it is told, in a process of its own.

First it finds out how much the server holds (everybody waits for his last answer), then it offers what it is told to,
whatever becomes of it. All that it sends is counted by its answer. Times are seconds of `perf_counter`, which all
processes of a machine share.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle
from random import Random
from time import perf_counter
from typing import cast

from loadtest.hold import raw
from loadtest.hold.child import READY, Hear, Say
from loadtest.hold.speaker import Speaker
from loadtest.hold.spoken import Checkin, Spoken
from loadtest.target import Target

_SLOT = 0.02
_UNDER_WAY = 300  # messages: more than wait for a tick anyway, fewer than make a server fall behind
_AT_ONCE = 64
_PATIENCE = 60.0
_DRAINED_WITHIN = 30.0
_TAPS_AGAIN = 500.0  # a second


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeakersPlan:
    """Who they are, by their tokens, and where."""

    target: Target
    room: str
    tokens: Sequence[str]
    seed: int = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """From `start` on so many danmaku a second for so many seconds, and everybody checks in once; twice at `again`."""

    start: float
    seconds: float
    rate: float
    again: float


async def speak(plan: SpeakersPlan, hear: Hear, say: Say) -> None:
    """What the child process does: come in, measure what is held, press, and tell what came of it."""
    say(READY)
    crowd = Crowd(plan)
    await hear()
    await crowd.come()
    say(len(crowd.inside))
    say(await crowd.hold(float(await hear())))
    say(await crowd.press(cast(Press, await hear())))


class Crowd:
    """All of them."""

    def __init__(self, plan: SpeakersPlan) -> None:
        self.plan = plan
        self.room = plan.room
        self.spoken = Spoken()
        self.inside: list[Speaker] = []
        self.opening = raw.knock(plan.target)
        self._rng = Random(f"{plan.seed}:speakers")
        self._said = 0

    async def come(self) -> None:
        """Everybody joins; who is put off tries again."""
        waiting = asyncio.Queue[str]()
        for token in self.plan.tokens:
            waiting.put_nowait(token)
        async with asyncio.TaskGroup() as group:
            for _ in range(_AT_ONCE):
                group.create_task(self._take_in(waiting))

    async def _take_in(self, waiting: asyncio.Queue[str]) -> None:
        deadline = perf_counter() + _PATIENCE
        while not waiting.empty() and perf_counter() < deadline:
            token = waiting.get_nowait()
            if not await self._enter(token):
                waiting.put_nowait(token)
                await asyncio.sleep(self._rng.uniform(0.5, 1.5))

    async def _enter(self, token: str) -> bool:
        loop, target = asyncio.get_running_loop(), self.plan.target
        speaker = Speaker(self, raw.entrance(token, self.plan.room))
        try:
            async with asyncio.timeout(20):
                await loop.create_connection(lambda: speaker, target.host, target.port)
                await speaker.joined
        except (OSError, TimeoutError):
            speaker.abort()
            return False
        if speaker.joined.result():
            self.inside.append(speaker)
        return speaker.joined.result()

    # --- speaking

    async def hold(self, seconds: float) -> float:
        """How many messages a second are heard while a few wait for their answers; the first quarter is not counted."""
        turns, began = cycle(self.inside), perf_counter()
        counted_from, before = began + seconds / 4, 0
        while (now := perf_counter()) < began + seconds:
            if not before and now >= counted_from:
                counted_from, before = now, self.spoken.heard
            for _ in range(max(0, _UNDER_WAY - self.spoken.unanswered)):
                self._say(next(turns))
            await asyncio.sleep(_SLOT / 4)
        rate = (self.spoken.heard - before) / (perf_counter() - counted_from)
        await self._drain()
        self.spoken = Spoken()
        return rate

    async def press(self, press: Press) -> Spoken:
        """Offer it, let everything be answered, and tap a second time: the receipt must be the first one's."""
        taps = self._taps(press)
        await asyncio.sleep(press.start - perf_counter())
        turns, offered = cycle(self.inside), 0
        while (now := perf_counter()) < press.start + press.seconds:
            due = int((now - press.start) * press.rate) - offered
            offered += due
            for _ in range(due):
                self._say(next(turns))
            while taps and taps[-1][0] <= now:
                at, speaker = taps.pop()
                speaker.tap(at)
            await asyncio.sleep(max(0.0, now + _SLOT - perf_counter()))
        await self._drain()
        await asyncio.sleep(press.again - perf_counter())
        await self._tap_again()
        return self._summed(press)

    def _taps(self, press: Press) -> list[tuple[float, Speaker]]:
        """Everybody once, at any moment; the last one first."""
        moments = (press.start + self._rng.uniform(0.0, press.seconds) for _ in self.inside)
        return sorted(zip(moments, self.inside, strict=True), key=lambda tap: -tap[0])

    def _say(self, speaker: Speaker) -> None:
        self._said += 1
        line = b'{"id":%d,"rpc":{"method":"danmaku.send","data":{"room":"%s","text":"said %d"}}}' % (
            self._said + 2,
            self.plan.room.encode(),
            self._said,
        )
        if speaker.send(raw.framed([line])):
            self.spoken.sent += 1
        else:
            self.spoken.held_back += 1

    async def _drain(self) -> None:
        await _until(lambda: not self.spoken.unanswered and not any(one.taps for one in self.inside))

    async def _tap_again(self) -> None:
        for number, speaker in enumerate(self.inside):
            if speaker.receipt is not None:
                speaker.tap_again()
            if number % 10 == 9:
                await asyncio.sleep(10 / _TAPS_AGAIN)
        await _until(lambda: all(one.kept or one.receipt is None for one in self.inside))

    def _summed(self, press: Press) -> Spoken:
        spoken = self.spoken
        for speaker in self.inside:
            spoken.checkins += [Checkin(at=at - press.start, seconds=seconds) for at, seconds in speaker.tapped]
            spoken.checkins += [Checkin(at=at - press.start, seconds=None) for at in speaker.taps]
            spoken.receipts_lost += speaker.receipt is not None and not speaker.kept
        return spoken


async def _until(done: Callable[[], bool]) -> None:
    """Wait for it, but not for ever."""
    for _ in range(round(_DRAINED_WITHIN / _SLOT)):
        if done():
            return
        await asyncio.sleep(_SLOT)
