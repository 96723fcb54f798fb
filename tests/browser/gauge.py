"""What a page costs its viewer: main-thread time, long tasks, shifts of the layout, nodes, listeners and heap."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self

from playwright.async_api import CDPSession

from tests.browser.feed import Feed
from tests.browser.tab import Tab
from tests.server import Json

NOTE = """() => {
  const noted = (window.noted = { frames: [], long: [], shift: 0, waits: [], boxes: new Set() });
  const observe = (type, take) =>
    new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true });
  observe('longtask', ({ startTime, duration }) => noted.long.push([startTime, duration]));
  const isRow = ({ node }) => (node instanceof Element ? node : node?.parentElement)?.closest('.chat-list');
  observe('layout-shift', ({ value, sources }) => { if (!sources.every(isRow)) noted.shift += value; });
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes)
      for (const { textContent } of addedNodes) {
        const sent = Number(/^#(\\d+)/.exec(textContent)?.[1]);
        if (sent) noted.waits.push(Date.now() - sent);
      }
  }).observe(document.querySelector('[data-testid=danmaku-layer]'), { childList: true });
  const places = ['checkin', 'stage', 'chat-list', 'chat-input'].map((hook) => `[data-testid=${hook}]`);
  let last = performance.now();
  const frame = (now) => {
    noted.frames.push(now - last);
    last = now;
    if (noted.frames.length % 10 === 0) {
      const boxes = places.map((place) => document.querySelector(place).getBoundingClientRect());
      noted.boxes.add(boxes.map(({ x, y, width, height }) => [x, y, width, height].join(' ')).join('; '));
    }
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}"""
"""From now on the page notes its frames, long tasks, shifts of its layout since it was opened (but for the rows of a
followed list, which are meant to move), the wait of danmaku for the picture, and where the parts of the page stand."""

FORGET = """() => {
  noted.frames.length = noted.waits.length = noted.long.length = 0;
  noted.boxes.clear();
}"""
NOTED = "() => ({ ...noted, boxes: [...noted.boxes] })"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """What a page did in a while: seconds of the clock, and seconds of CPU of its main thread."""

    seconds: float
    task: float
    layout: float
    style: float
    script: float

    @property
    def busy(self) -> float:
        """The share of a processor that the main thread took."""
        return self.task / self.seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """What a page holds after a forced collection; ``heap`` in bytes."""

    heap: float
    nodes: float
    listeners: float


class Gauge:
    """Reads Chromium's own counters of one page."""

    def __init__(self, session: CDPSession) -> None:
        self._session = session
        self._before: dict[str, float] = {}
        self._began = 0.0

    @classmethod
    async def of(cls, tab: Tab) -> Self:
        session = await tab.context.new_cdp_session(tab.page)
        await session.send("Performance.enable", {"timeDomain": "threadTicks"})
        await session.send("HeapProfiler.enable")
        return cls(session)

    async def slow_down(self, times: float) -> None:
        """Make the page's processor slower."""
        await self._session.send("Emulation.setCPUThrottlingRate", {"rate": times})

    async def narrow(self, *, latency_ms: int, bytes_a_second: int) -> None:
        """Make the page's network slower."""
        rates = {"downloadThroughput": bytes_a_second, "uploadThroughput": bytes_a_second}
        await self._session.send("Network.enable")
        await self._session.send("Network.emulateNetworkConditions", {"offline": False, "latency": latency_ms, **rates})

    async def begin(self) -> None:
        self._before, self._began = await self._read(), time.perf_counter()

    async def end(self) -> Span:
        """What happened since the beginning."""
        after = await self._read()
        gone = {name: after[name] - self._before[name] for name in after}
        return Span(
            seconds=time.perf_counter() - self._began,
            task=gone["TaskDuration"],
            layout=gone["LayoutDuration"],
            style=gone["RecalcStyleDuration"],
            script=gone["ScriptDuration"],
        )

    async def holdings(self) -> Holdings:
        for _ in range(2):  # what a finaliser lets go is collected the second time
            await self._session.send("HeapProfiler.collectGarbage")
        now = await self._read()
        return Holdings(heap=now["JSHeapUsedSize"], nodes=now["Nodes"], listeners=now["JSEventListeners"])

    async def _read(self) -> dict[str, float]:
        metrics = (await self._session.send("Performance.getMetrics"))["metrics"]
        return {one["name"]: one["value"] for one in metrics}


def share(values: list[float], part: float) -> float:
    """The value that so large a part of them do not exceed; 0 of none."""
    return sorted(values)[max(0, min(len(values) - 1, int(part * len(values))))] if values else 0.0


WORDS = "好喝 wonderful tea 多少钱 再来一包 hello everybody 主播辛苦了 which one is it 喜欢这个颜色 thank you".split()
TICK = 0.05


def danmaku(number: int) -> Json:
    """A message of one of 500 people, with the time at which it is sent in its text."""
    text = f"#{time.time_ns() // 1_000_000} {' '.join(WORDS[number % 7 : number % 7 + 1 + number % 4])} {number}"
    user = {"id": f"p{number % 500}", "name": f"Viewer {number % 500}", "tier": number % 7}
    style = {"id": "white", "color": (0xFFFFFF, 0xFFE066, 0xFF9EC4)[number % 3], "mode": 1, "size": 25}
    return {"type": "danmaku.said", "user": user, "text": text, "style": style}


def merged(number: int) -> list[Json]:
    """The merged events of a busy room, four times a second: joins, check-ins, likes."""
    user = {"id": f"p{number % 500}", "name": f"Viewer {number % 500}", "tier": 1}
    return [
        {"type": "presence.entered", "count": 5, "sample": [user]},
        {"type": "checkin.burst", "delta": 5, "today": number, "sample": [{"user": user, "streak": 7}]},
        {"type": "like.counted", "delta": 3, "total": 3 * number},
    ]


class Crowd:
    """A room that says so many danmaku a second in 20 ticks, joins, checks in and likes."""

    def __init__(self, feed: Feed, room: str, rate: int) -> None:
        self._feed, self._room, self._rate = feed, room, rate
        self._said = 0
        self._news = asyncio.Event()

    async def talk(self) -> None:
        began = time.perf_counter()
        for tick in itertools.count(1):
            due = int(self._rate * TICK * tick)
            events = [danmaku(number) for number in range(self._said, due)]
            others = merged(tick) if tick % 5 == 0 else []
            await self._feed.room(self._room, [*events, *others], online=1234 + tick)
            self._said = due
            self._news.set()
            await asyncio.sleep(max(0.0, began + tick * TICK - time.perf_counter()))

    async def says(self, seconds: float) -> None:
        """Wait until it has said what it says in so many seconds."""
        end = self._said + self._rate * seconds
        while self._said < end:
            self._news.clear()
            await self._news.wait()


@asynccontextmanager
async def busy(feed: Feed, room: str, rate: int) -> AsyncIterator[Crowd]:
    """Meanwhile the room is full of talk."""
    crowd = Crowd(feed, room, rate)
    async with asyncio.TaskGroup() as group:
        talking = group.create_task(crowd.talk())
        yield crowd
        talking.cancel()


def table(rows: list[tuple[str, Any]]) -> str:
    """Figures with their names on one line."""
    return ", ".join(f"{name} {value}" for name, value in rows)
