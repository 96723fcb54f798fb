"""Whether talk and picture disturb each other: the same storm with and without viewers of the picture, by turns."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from time import time

from loadtest.compare.bench import Bench, Started
from loadtest.compare.contenders import RoomServer
from loadtest.media.publisher import publishing
from loadtest.media.report import Disturbed
from loadtest.media.sinks import ROOM, metric, sink
from loadtest.plan import Around, Scenario, ScenarioPlan
from loadtest.progress import Glance
from loadtest.report import Report
from loadtest.scenario import run_scenario
from loadtest.signing import Signer, signed

SETTLES = 1.0
UNSENT = "unsent_total"


@dataclass(frozen=True, slots=True, kw_only=True)
class BesidePlan:
    """How many watch the picture, how many talk, for how long, and how many pairs of turns."""

    viewers: int
    crowd: int
    seconds: float
    pairs: int


async def disturbed(bench: Bench, plan: BesidePlan) -> list[Disturbed]:
    """Storms and check-ins by turns with and without viewers of the picture; whoever comes first changes.

    Raises LoadtestFault.
    """
    host = signed(bench.secret, {"sub": "host", "exp": int(time()) + 3600, "roles": {ROOM: "host"}})
    guest = signed(bench.secret, {"sub": "", "exp": int(time()) + 3600})
    found = []
    async with RoomServer().running(bench, 0) as server, publishing(f"{server.http}/whip/{ROOM}", host):
        async with sink(server, guest, light=True) as first:
            await first.ask("1")  # who waits until there is a picture
        for number in range(plan.pairs):
            bench.watch(Glance(phase="beside", done=number, total=plan.pairs))
            pair = _Pair(bench, plan, server, guest, number)
            found.append(await pair.measured())
    return found


class _Pair:
    """One turn with viewers, and one without."""

    def __init__(self, bench: Bench, plan: BesidePlan, server: Started, guest: str, number: int) -> None:
        self._bench, self._plan, self._server, self._guest, self._number = bench, plan, server, guest, number

    async def measured(self) -> Disturbed:
        """Raises LoadtestFault."""
        alone = None if self._number % 2 else await self._storm("alone")
        unsent = await metric(self._server, UNSENT)
        async with AsyncExitStack() as stack:
            watching = await stack.enter_async_context(sink(self._server, self._guest, light=True))
            await watching.ask(str(self._plan.viewers))
            await asyncio.sleep(SETTLES)
            before = await watching.ask("count")
            beside = await self._storm("beside")
            await self._taps()
            after = await watching.ask("count")
        unsent = await metric(self._server, UNSENT) - unsent
        alone = alone or await self._storm("alone")
        return Disturbed(
            viewers=self._plan.viewers,
            alone_p99_ms=_p99(alone),
            beside_p99_ms=_p99(beside),
            packets=int(after["packets"] - before["packets"]),
            gaps=int(after["gaps"] - before["gaps"]),
            unsent=int(unsent),
        )

    async def _storm(self, name: str) -> Report:
        return await self._run(Scenario.STORM, name)

    async def _taps(self) -> Report:
        return await self._run(Scenario.TAP, "taps")

    async def _run(self, scenario: Scenario, name: str) -> Report:
        plan = ScenarioPlan(
            url=self._server.url,
            run=f"{name}{self._number}",
            room=ROOM,
            scenario=scenario,
            viewers=self._plan.crowd,
            seconds=self._plan.seconds,
        )
        around = Around(tokens=Signer(self._bench.secret, ROOM))
        return await run_scenario(plan, self._bench.stop, around=around)


def _p99(report: Report) -> float:
    """Until the last viewer had a message."""
    return float(report.to_last.summary()["p99_ms"])
