"""Viewers and hosts come and go, some without a word: for ten minutes with MEDIA_SOAK=full, else for a moment.

The media process must be at the end what it was when everybody had come once: as large, and with as many threads.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from statistics import median

import pytest

from media.backend import Answer, MediaEvent, Published, PublishLimits
from media.connection import CONSENT_SECONDS
from media.embedded import Embedded
from media.process import Place
from tests.conftest import Require
from tests.media.client import Client
from tests.media.pictures import H264_KEY, packet

FULL = os.environ.get("MEDIA_SOAK") == "full"
SECONDS = 600 if FULL else 10
WARM = 120 if FULL else 3
TOGETHER = 12
STAYS = 2.0
HOST_STAYS = 7.0
FRAME = 1 / 30

GROWTH = 4096 if FULL else 16_384
"""KiB between the first and the last quarter after the warm-up: in the ten minutes two for each viewer; in a moment
those who vanish are still there."""

HAS_PROC = Path("/proc/self/status").exists()

log = logging.getLogger(__name__)

pytestmark = [pytest.mark.media, pytest.mark.slow, pytest.mark.timeout(SECONDS + 120)]


class Process:
    """What the operating system says of a process."""

    def __init__(self, pid: int) -> None:
        self._status = Path(f"/proc/{pid}/status")

    def _read(self, name: str) -> int:
        found = re.search(rf"^{name}:\s+(\d+)", self._status.read_text(), re.MULTILINE)
        assert found is not None
        return int(found[1])

    @property
    def kib(self) -> int:
        return self._read("VmRSS")

    @property
    def threads(self) -> int:
        return self._read("Threads")


class Evening:
    """One room in which hosts and viewers come and go."""

    def __init__(self, backend: Embedded) -> None:
        self.backend = backend
        self.over = asyncio.Event()
        self.empty = asyncio.Event()
        self.published = asyncio.Event()
        self.joined = 0
        self.seen = 0
        self.events: Counter[str] = Counter()

    async def listen(self) -> None:
        events = self.backend.events()
        while True:
            event: MediaEvent = await anext(aiter(events))
            self.events[type(event).__name__] += 1
            if isinstance(event, Published):
                self.published.set()

    async def hosts(self) -> None:
        """The same host, from a new connection again and again, each time before the last one ends."""
        last: Client | None = None
        for number in count():
            host = Client()
            offer = host.offer(["audio", "video"], "sendonly")
            answer = await self.backend.publish("room", "host", "main", offer, PublishLimits())
            assert isinstance(answer, Answer)
            await host.connect(answer.sdp)
            sending = asyncio.create_task(self._send(host, number))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(HOST_STAYS):
                    await self.empty.wait()
            sending.cancel()
            if last is not None:
                await last.close()
            if self.empty.is_set():
                await host.close()
                return
            last = host

    async def _send(self, host: Client, number: int) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        for frame in count():
            payload = H264_KEY + bytes(900) if frame % 30 == 0 else b"\x41" + bytes(900)
            host.send(packet(frame, 3000 * frame, payload, ssrc=100 + number))
            await asyncio.sleep(max(0.0, began + (frame + 1) * FRAME - loop.time()))

    async def viewers(self, number: int) -> None:
        """One after the other; every third vanishes without a word."""
        while not self.over.is_set():
            viewer = Client()
            answer = await self.backend.play("room", f"v{number}", ["main"], viewer.offer(["video"], "recvonly"))
            assert isinstance(answer, Answer)
            await viewer.connect(answer.sdp)
            await viewer.until(10)
            self.joined += 1
            self.seen += len(viewer.packets)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(STAYS * (1 + number / TOGETHER)):
                    await self.over.wait()
            if self.joined % 3 == 0 and viewer._transport is not None and viewer.secured is not None:
                viewer._transport.close()
                viewer.secured.channel.close()
            else:
                await viewer.close()


@dataclass(frozen=True, slots=True)
class Sample:
    """What a process is at a moment."""

    kib: int
    threads: int


async def samples(process: Process, seconds: float, done: Callable[[], bool]) -> list[Sample]:
    """What it is, now and then, for so long and until it is done."""
    taken = []
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while loop.time() < end or not done():
        taken.append(Sample(process.kib, process.threads))
        await asyncio.sleep(seconds / 40)
    return taken


async def test_those_who_come_and_go_leave_nothing_behind(require: Require) -> None:
    require("/proc", HAS_PROC)
    async with Embedded(Place()).running() as backend:
        assert backend._process is not None
        process, evening = Process(backend._process.pid), Evening(backend)
        async with asyncio.TaskGroup() as tasks:
            listening = tasks.create_task(evening.listen())
            tasks.create_task(evening.hosts())
            await evening.published.wait()
            watching = [tasks.create_task(evening.viewers(number)) for number in range(TOGETHER)]
            await asyncio.sleep(WARM)
            taken = await samples(process, SECONDS - WARM, lambda: evening.joined > TOGETHER)
            evening.over.set()
            await asyncio.wait(watching)  # who has just come waits for packets of the host
            evening.empty.set()
            if FULL:
                await asyncio.sleep(CONSENT_SECONDS + 5)
            listening.cancel()
        first, last = taken[:10], taken[-10:]
        grown = median(one.kib for one in last) - median(one.kib for one in first)
        threads, after = (min(one.threads for one in some) for some in (first, last))  # a passing one is no growth
        counts = backend.counts()
        told = f"{evening.joined} viewers, {grown:.0f} KiB more, {taken[::5]}, {after} threads, {counts}"
        log.info(told)
        assert evening.joined > TOGETHER, told
        assert after == threads, told
        assert grown < GROWTH, told
        assert counts.get("faults_total", 0) == counts.get("malformed_total", 0) == 0, told
        if FULL:
            assert counts.get("viewers", 0) == counts.get("publishers", 0) == 0, told
