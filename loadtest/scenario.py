"""The measured scenarios: one kind of load each, offered open-loop at a stated rate.

| scenario | load                                                                                   |
|----------|----------------------------------------------------------------------------------------|
| idle     | a message now and then: what one danmaku costs a quiet room                             |
| storm    | danmaku from everybody in turn                                                          |
| tap      | everybody checks in within the first second, every fifth twice                          |
| wave     | a tenth of the viewers watches (and is weighed) while the others come in                |

Latencies count from the moment the plan wanted a thing done, not from when the harness got round to it: a server that
stalls the harness cannot hide behind it (no coordinated omission).
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from itertools import cycle
from random import Random
from time import perf_counter
from typing import TypeVar

from loadtest.arrivals import even, poisson
from loadtest.cast import CAST_SIZE, Cast
from loadtest.faults import LoadtestFault
from loadtest.lines import pick_line
from loadtest.plan import Around, Scenario, ScenarioPlan
from loadtest.platform import Platform
from loadtest.progress import Watch, unwatched
from loadtest.protocol import Reply
from loadtest.recording import Recording, Said
from loadtest.report import Report
from loadtest.target import parse_target
from loadtest.viewer import Stage, Tokens, Viewer

Act = Callable[[float], None]
Thing = TypeVar("Thing")
Made = TypeVar("Made")

_AT_ONCE = 64  # tokens fetched, and viewers let in, at the same time while preparing
_REFILL = 0.5  # danmaku a second that a room's default lets one member say for long
_QUIET = 0.5  # seconds without a reply or a batch after which a run has come to rest
_LONGEST_REST = 10.0


ALONE = Around()


async def run_scenario(
    plan: ScenarioPlan, stop: asyncio.Event, watch: Watch = unwatched, around: Around = ALONE
) -> Report:
    """Prepare, offer the load, come to rest, and report.

    Raises:
        LoadtestFault: when the viewers cannot be made ready.
    """
    recording = Recording(around.wire)
    async with Platform(parse_target(plan.url), plan.room, plan.run, None) as platform:
        play = _Play(plan, around, around.tokens or platform, recording, stop, watch)
        seconds = await play.perform()
    return recording.report(plan.scenario.value, plan.viewers, seconds)


class _Play:
    def __init__(
        self,
        plan: ScenarioPlan,
        around: Around,
        tokens: Tokens,
        recording: Recording,
        stop: asyncio.Event,
        watch: Watch,
    ) -> None:
        self._plan = plan
        self._around = around
        self._tokens = tokens
        self._recording = recording
        self._stop = stop
        self._watch = watch
        self._stage = Stage(
            target=parse_target(plan.url),
            room=plan.room,
            tokens=tokens,
            log=recording.log,
            decoder=recording.decoder,
            heard=recording.census.heard,
        )
        self._group = asyncio.TaskGroup()
        self._viewers: list[Viewer] = []
        self._receipts: dict[str, str] = {}

    async def perform(self) -> float:
        """The whole run; gives how many seconds were measured."""
        plan = self._plan
        cast = Cast(seed=plan.seed, run=plan.run)
        members = [cast.member(number) for number in range(min(plan.viewers, CAST_SIZE))]
        tokens = dict(zip(members, await self._each("tokens", members, self._tokens.token), strict=True))
        viewers = [Viewer(member, tokens[member], self._stage, self._rng(member.user)) for member in members]
        seated, coming = viewers[: plan.seated], viewers[plan.seated :]
        async with self._group:
            try:
                await self._each("entering", seated, self._seat)
                seconds = await self._measure(seated, coming)
            finally:
                for viewer in self._viewers:
                    viewer.leave()
        for viewer in self._viewers:
            self._recording.retire(viewer)
        self._check_taps()
        return seconds

    async def _measure(self, seated: Sequence[Viewer], coming: Sequence[Viewer]) -> float:
        gc.collect()
        gc.freeze()  # a full collection over all viewers would look like the server's latency
        self._recording.weigh(seated, self._around.pid)
        self._around.begin()
        started = perf_counter()
        watching = self._group.create_task(self._keep_time(started))
        await self._offer(started, self._arrivals(seated, coming))
        await watching
        seconds = perf_counter() - started
        await self._come_to_rest()
        self._recording.weighed(self._around.pid)
        gc.unfreeze()
        return seconds

    # --- getting ready

    async def _seat(self, viewer: Viewer) -> None:
        due = perf_counter()
        self._viewers.append(viewer)
        await viewer.enter()
        self._recording.joined(perf_counter() - due)
        self._group.create_task(viewer.stay())

    async def _each(
        self, phase: str, things: Sequence[Thing], work: Callable[[Thing], Coroutine[None, None, Made]]
    ) -> list[Made]:
        """Do `work` for all, a few at a time, and show how far it is."""
        made: list[Made] = []
        for start in range(0, len(things), _AT_ONCE):
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(work(thing)) for thing in things[start : start + _AT_ONCE]]
            made += [task.result() for task in tasks]
            self._watch(self._recording.glance(phase, len(made), len(things), len(self._viewers)))
        return made

    # --- the load

    def _arrivals(self, seated: Sequence[Viewer], coming: Sequence[Viewer]) -> Iterable[tuple[float, Act]]:
        """What happens when, in order of time."""
        plan, rng = self._plan, self._rng("arrivals")
        if not self._around.offers:
            return ()
        match plan.scenario:
            case Scenario.IDLE | Scenario.STORM:
                return self._chat(seated, self._moments(rng))
            case Scenario.TAP:
                return self._taps(seated, rng)
            case Scenario.WAVE:
                times = poisson(rng, plan.arrivals_per_second, plan.seconds)
                return ((at, self._coming(viewer)) for at, viewer in zip(times, coming, strict=False))

    def _moments(self, rng: Random) -> Iterator[float]:
        rate, seconds = self._plan.arrivals_per_second, self._plan.seconds
        return even(rate, seconds) if self._around.evenly else poisson(rng, rate, seconds)

    def _chat(self, speakers: Sequence[Viewer], times: Iterable[float]) -> Iterator[tuple[float, Act]]:
        rng = self._rng("chat")
        if self._plan.arrivals_per_second > _REFILL * len(speakers):
            self._recording.warn(
                f"{len(speakers)} viewers cannot say {self._plan.arrivals_per_second:g} danmaku a second: "
                f"a room lets each say one every {1 / _REFILL:g} s by default, so the others are refused."
            )
        turns = cycle(rng.sample(speakers, len(speakers)))
        for number, (at, speaker) in enumerate(zip(times, turns, strict=False)):
            line = pick_line(rng, speaker.member.language, "watching")
            yield at, self._speaking(speaker, f"message {number:06d}" if self._around.numbered else line)

    def _taps(self, viewers: Sequence[Viewer], rng: Random) -> Iterable[tuple[float, Act]]:
        """Everybody once, every fifth twice, at random moments at the plan's rate."""
        tapping = [*viewers, *rng.sample(viewers, len(viewers) // 5)]
        span = len(viewers) / self._plan.arrivals_per_second
        times = sorted(rng.uniform(0.0, span) for _ in tapping)
        return list(zip(times, map(self._tapping, rng.sample(tapping, len(tapping))), strict=True))

    def _speaking(self, speaker: Viewer, text: str) -> Act:
        return lambda due: self._recording.fire(speaker, "danmaku.send", {"text": text}, due)

    def _tapping(self, viewer: Viewer) -> Act:
        def then(reply: Reply, said: Said) -> None:
            if reply.error is None and self._receipts.setdefault(viewer.member.user, said.id) != said.id:
                self._recording.faults["A member was given two different receipts for one day."] = None

        return lambda due: self._recording.fire(viewer, "checkin.mark", {}, due, then)

    def _coming(self, viewer: Viewer) -> Act:
        def act(due: float) -> None:
            self._recording.lag.add(max(0.0, perf_counter() - due))
            self._viewers.append(viewer)
            self._group.create_task(self._come(viewer, due))

        return act

    async def _come(self, viewer: Viewer, due: float) -> None:
        try:
            await viewer.enter()
        except LoadtestFault as fault:
            self._recording.warn(str(fault))
            return
        self._recording.joined(perf_counter() - due)
        await viewer.stay()

    async def _offer(self, started: float, arrivals: Iterable[tuple[float, Act]]) -> None:
        """Act when each arrival is due, whatever became of those before it."""
        for number, (at, act) in enumerate(arrivals):
            wait = started + at - perf_counter()
            if wait > 0 or number % 32 == 0:
                await asyncio.sleep(max(0.0, wait))
            if self._stop.is_set():
                return
            act(started + at)

    # --- time

    async def _keep_time(self, started: float) -> None:
        while not self._stop.is_set() and (elapsed := perf_counter() - started) < self._plan.seconds:
            self._watch(self._recording.glance("measuring", elapsed, self._plan.seconds, self._present()))
            self._recording.settle()
            await asyncio.sleep(min(0.25, self._plan.seconds - elapsed))
        self._watch(self._recording.glance("measuring", self._plan.seconds, self._plan.seconds, self._present()))

    async def _come_to_rest(self) -> None:
        """Wait until replies and batches have all arrived, but not for ever."""
        quiet = 0.0
        before = -1
        deadline = perf_counter() + _LONGEST_REST
        while quiet < _QUIET and perf_counter() < deadline:
            await asyncio.sleep(0.1)
            read = self._recording.log.batches + self._recording.outstanding
            quiet = quiet + 0.1 if read == before and not self._recording.outstanding else 0.0
            before = read

    def _check_taps(self) -> None:
        """Every credited check-in must be in a burst, when nobody has missed a batch."""
        credited = self._recording.count("checkin.mark", "ok")
        told = self._recording.census.sums["checkin.burst"]
        if self._plan.scenario is not Scenario.TAP or credited == told or self._recording.tally.gaps:
            return
        if told < credited:
            self._recording.faults[f"{credited} check-ins were credited, but the bursts told of {told}."] = None
        else:
            self._recording.warn(f"The bursts told of {told - credited} check-ins of somebody else.")

    def _present(self) -> int:
        return sum(viewer.inside.is_set() for viewer in self._viewers)

    def _rng(self, purpose: str) -> Random:
        return Random(f"{self._plan.seed}:{purpose}")
