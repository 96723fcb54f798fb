"""One process' part of a run: its viewers come in, a load is offered open-loop, everything comes to rest, they go.

Latencies count from the moment the plan wanted a thing done, not from when the harness got round to it: a server that
stalls the harness cannot hide behind it (no coordinated omission).
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from random import Random
from time import perf_counter
from typing import TypeVar

from loadtest.cast import CAST_SIZE, Cast, Member
from loadtest.faults import LoadtestFault
from loadtest.plan import Around, ScenarioPlan
from loadtest.progress import Watch
from loadtest.recording import Recording
from loadtest.target import parse_target
from loadtest.viewer import Tokens, Venue, Viewer

Act = Callable[[float], None]
Load = Iterable[tuple[float, Act]]
Thing = TypeVar("Thing")
Made = TypeVar("Made")

_AT_ONCE = 64  # tokens fetched, and viewers let in, at the same time while preparing
_QUIET = 0.5  # seconds without a reply or a batch after which a run has come to rest
_LONGEST_REST = 30.0
_PROBES = 8  # messages with which the price of one write is found out


async def at_once() -> float:
    """The measurement starts when this process is ready."""
    return perf_counter()


class Play:
    """The viewers of one process, and what they go through."""

    def __init__(
        self,
        plan: ScenarioPlan,
        around: Around,
        tokens: Tokens,
        recording: Recording,
        stop: asyncio.Event,
        watch: Watch,
    ) -> None:
        self.plan = plan
        self.around = around
        self.recording = recording
        self.seated: Sequence[Viewer] = ()
        self.coming: Sequence[Viewer] = ()
        self.host: Viewer | None = None
        self._tokens = tokens
        self._stop = stop
        self._watch = watch
        self._group = asyncio.TaskGroup()
        self._viewers: list[Viewer] = []

    async def perform(self, load: Callable[[Play], Load], ready: Callable[[], Awaitable[float]] = at_once) -> float:
        """The whole run; gives how many seconds were measured. `ready` gives the moment at which to start."""
        await self._gather()
        async with self._group:
            try:
                everybody = self.seated if self.host is None else (*self.seated, self.host)
                await self._each("entering", everybody, self._seat_unless_stopped)
                await self._probe()
                seconds = await self._measure(load, await ready())
            finally:
                for viewer in self._viewers:
                    viewer.leave()
        for viewer in self._viewers:
            self.recording.retire(viewer)
        return seconds

    def rng(self, purpose: str) -> Random:
        """Chance for one purpose, the same in every run of a seed."""
        return Random(f"{self.plan.seed}:{purpose}:{self.plan.first}")

    # --- getting ready

    async def _gather(self) -> None:
        """Make all viewers, each with his token."""
        plan = self.plan
        cast = Cast(seed=plan.seed, run=plan.run)
        members = [cast.member(plan.first + number) for number in range(min(plan.viewers, CAST_SIZE))]
        if plan.has_host:
            members.append(cast.host(plan.room))
        tokens = await self._each("tokens", members, self._tokens.token)
        viewers = [self._viewer(*one) for one in zip(range(len(members)), members, tokens, strict=True)]
        if plan.has_host:
            self.host = viewers.pop()
        self.seated, self.coming = viewers[: plan.seated], viewers[plan.seated :]

    def _viewer(self, number: int, member: Member, token: str) -> Viewer:
        plan, recording = self.plan, self.recording
        venue = Venue(
            target=parse_target(plan.url),
            room=plan.room if self.around.rooms == 1 else f"{plan.room}-{number % self.around.rooms}",
            tokens=self._tokens,
            log=recording.log,
            decoder=recording.decoder,
            heard=recording.census.heard,
            deflate=self.around.deflate,
            returned=recording.returned,
            put_off=recording.put_off,
        )
        viewer = Viewer(member, token, venue, self.rng(member.user))
        if number < plan.stalling:
            viewer.prepare_to_stall()
        return viewer

    async def _seat_unless_stopped(self, viewer: Viewer) -> None:
        """Let a viewer in before the measurement."""
        if self._stop.is_set():
            return
        due = perf_counter()
        self._viewers.append(viewer)
        await viewer.enter()
        self.recording.seated(perf_counter() - due)
        self._group.create_task(viewer.stay())

    def come(self, viewer: Viewer, due: float) -> None:
        """Let a viewer in during it."""
        self.recording.lag.add(max(0.0, perf_counter() - due))
        self._viewers.append(viewer)
        self._group.create_task(self._come(viewer, due))

    async def _come(self, viewer: Viewer, due: float) -> None:
        try:
            await viewer.enter()
        except LoadtestFault as fault:
            self.recording.warn(str(fault))
            return
        self.recording.joined(perf_counter() - due)
        await viewer.stay()

    async def _each(
        self, phase: str, things: Sequence[Thing], work: Callable[[Thing], Coroutine[None, None, Made]]
    ) -> list[Made]:
        """Do `work` for all, a few at a time, and show how far it is."""
        made: list[Made] = []
        for start in range(0, len(things), _AT_ONCE):
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(work(thing)) for thing in things[start : start + _AT_ONCE]]
            made += [task.result() for task in tasks]
            self._watch(self.recording.glance(phase, len(made), len(things), len(self._viewers)))
        return made

    async def _probe(self) -> None:
        """Find out what writing one batch to one viewer costs this server, where a row asks for it."""
        if not self.around.probes or self.around.pid is None or self._stop.is_set():
            return
        await self._come_to_rest()
        self.recording.weigh((), self.around.pid)
        for number in range(_PROBES):
            speaker = self.seated[number % len(self.seated)]
            self.recording.fire(speaker, "danmaku.send", {"text": f"probe {number}"}, perf_counter())
            await asyncio.sleep(0.3)
        await self._come_to_rest()
        self.recording.probed(self.around.pid)

    # --- the measurement

    async def _measure(self, load: Callable[[Play], Load], started: float) -> float:
        gc.collect()
        gc.freeze()  # a full collection over all viewers would look like the server's latency
        await asyncio.sleep(max(0.0, started - perf_counter()))
        self.recording.weigh(self.seated, self.around.pid)
        self.around.begin()
        started = max(started, perf_counter())
        watching = self._group.create_task(self._keep_time(started))
        await self._offer(started, load(self))
        await watching
        seconds = perf_counter() - started
        await self._come_to_rest()
        self.recording.weighed(self.around.pid)
        self._close_audits()
        gc.unfreeze()
        return seconds

    async def _offer(self, started: float, load: Load) -> None:
        """Act when each arrival is due, whatever became of those before it."""
        for number, (at, act) in enumerate(load):
            wait = started + at - perf_counter()
            if wait > 0 or number % 32 == 0:
                await asyncio.sleep(max(0.0, wait))
            if self._stop.is_set():
                return
            act(started + at)

    async def _keep_time(self, started: float) -> None:
        seconds = self.plan.seconds
        while not self._stop.is_set() and (elapsed := perf_counter() - started) < seconds:
            self._watch(self.recording.glance("measuring", elapsed, seconds, self._present()))
            if not self.plan.shared:
                self.recording.settle()
            await asyncio.sleep(min(0.25, seconds - elapsed))
        self._watch(self.recording.glance("measuring", seconds, seconds, self._present()))

    async def _come_to_rest(self) -> None:
        """Wait until replies and batches have all arrived and everybody is inside again, but not for ever."""
        quiet = 0.0
        before = -1
        deadline = perf_counter() + _LONGEST_REST
        while quiet < _QUIET and perf_counter() < deadline:
            await asyncio.sleep(0.1)
            recording = self.recording
            moved, read = recording.log.copies != before, recording.log.copies
            busy = moved or recording.outstanding > 0 or any(viewer.returning for viewer in self._viewers)
            quiet = 0.0 if busy else quiet + 0.1
            before = read

    def _close_audits(self) -> None:
        """What the room has said to its end is owed to everybody who is in it."""
        for viewer in self._viewers:
            if viewer.inside.is_set():
                viewer.audit.finish()

    def _present(self) -> int:
        return sum(viewer.inside.is_set() for viewer in self._viewers)
