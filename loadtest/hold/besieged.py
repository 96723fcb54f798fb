"""A storm in the room while peers make trouble beside it: what that costs the others, and how much memory each peer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from loadtest.cast import Cast, Member
from loadtest.compare.bench import Bench, Started
from loadtest.compare.contenders import ROOM
from loadtest.compare.goals import Figures
from loadtest.compare.measures import Entry, Measured, fan_out_figures, faults_of, planned, surrounded
from loadtest.hold.attacks import ATTACKS, HEADER_SECONDS, Attack, Kind
from loadtest.hold.child import Child, beside
from loadtest.hold.peers import PeersPlan, Trouble, make_trouble
from loadtest.hold.server import PRODUCTION
from loadtest.oscost import private_of
from loadtest.plan import Around, Scenario
from loadtest.report import Report
from loadtest.scenario import run_scenario
from loadtest.target import parse_target

RATE = 0.4
"""Danmaku a second for each of the bench's viewers, as in the storm of the comparison: 400 where there are 1,000."""

TIMES = 4
"""A siege lasts so many times as long as the rounds of other rows: longer than any deadline that is to end it."""

_WARM = 2.0
_LOOK_EVERY = 0.5
_TOO_LARGE = 1009
_PATIENCE = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Siege:
    """How many watch, and who makes trouble, in parts of the bench's viewers."""

    kind: Kind | None
    viewers: float = 1.0
    peers: float = 0.0


def siege(name: str, label: str, plan: Siege) -> Entry:
    """One side of a row: the storm, with these peers beside it."""

    async def measure(bench: Bench) -> Measured:
        return await besieged(bench, plan)

    return Entry(name=name, label=label, missing=PRODUCTION.missing, measure=measure)


async def besieged(bench: Bench, siege: Siege) -> Measured:
    """Start the server, warm it, let the audited storm run with the peers beside it, and sum up."""
    viewers, seconds = max(2, round(siege.viewers * bench.viewers)), TIMES * bench.seconds
    plan = planned(bench, Scenario.STORM, viewers=viewers, seconds=seconds, rate=RATE * bench.viewers)
    async with PRODUCTION.running(bench, plan.arrivals_per_second) as started:
        around = surrounded(Around(), bench, PRODUCTION, started)
        warm = replace(plan.at(started.url), seconds=_WARM)  # what a storm costs whoever comes is no peer's doing
        await run_scenario(warm, bench.stop, bench.watch, around)
        async with _gang(bench, siege, started, seconds) as gang:
            watched = _Memory(started.pid)

            def begin() -> None:
                watched.begin()
                if gang is not None:
                    gang.tell("begin")

            try:
                report = await run_scenario(plan.at(started.url), bench.stop, bench.watch, replace(around, begin=begin))
            finally:
                watched.end()
            made = Trouble() if gang is None else await gang.hear(_PATIENCE)
    return siege_figures(siege.kind, report, made, grown=watched.grown, seconds=seconds), faults_of(report)


@asynccontextmanager
async def _gang(bench: Bench, siege: Siege, started: Started, seconds: float) -> AsyncIterator[Child | None]:
    if siege.kind is None:
        yield None
        return
    attack, count = ATTACKS[siege.kind], max(1, round(siege.peers * bench.viewers))
    tokens = await _tokens(bench, count) if attack.joins else []
    plan = PeersPlan(
        kind=siege.kind,
        target=parse_target(started.url),
        room=ROOM,
        count=count,
        seconds=seconds,
        tokens=tokens,
    )
    async with beside(make_trouble, plan, bench.cores.others) as child:
        yield child


async def _tokens(bench: Bench, count: int) -> list[str]:
    cast, signer = Cast(seed=7, run="siege"), PRODUCTION.tokens(bench)
    members: list[Member] = [cast.member(number) for number in range(count)]
    return [await signer.token(member) for member in members]


class _Memory:
    """Looks now and then at how much a process holds; `grown` is the most above the beginning, in KiB.

    It is None while nobody could look, at the beginning and once more.
    """

    def __init__(self, pid: int) -> None:
        self.grown: int | None = None
        self._pid = pid
        self._before: int | None = None
        self._looking: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """From now on."""
        self._before = private_of(self._pid)
        self._looking = asyncio.get_running_loop().create_task(self._look())

    def end(self) -> None:
        """No more."""
        if self._looking is not None:
            self._looking.cancel()

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_EVERY)
            now = private_of(self._pid)
            if now is not None and self._before is not None:
                self.grown = max(self.grown or 0, now - self._before)


def siege_figures(kind: Kind | None, report: Report, made: Trouble, *, grown: int | None, seconds: float) -> Figures:
    """What the others felt, what each peer cost, and whether he was shown the door.

    `grown` is in KiB, None when nobody could say. A run that is shorter than the deadline of a request says nothing of
    who keeps to none.
    """
    figures = dict(fan_out_figures(report)) | ({} if grown is None else {"kib_grown": float(grown)})
    if kind is None:
        return figures
    attack = ATTACKS[kind]
    figures |= {
        "peers": made.peers,
        "came": len(made.came),
        "came_share": len(made.came) / max(1, made.peers),
        "opened": made.opened,
        "sent_kib_per_second": made.bytes_sent / 1024 / seconds,
    }
    if grown is not None:
        figures["kib_per_peer"] = grown / max(1, len(made.came))
    if attack.ended_by is not None and (attack.ended_by or seconds > HEADER_SECONDS + 2):
        figures["ended_by_rule"] = float(_ended(made, attack))
    return figures


def _ended(made: Trouble, attack: Attack) -> int:
    """How many were ended as is due; who goes on sending may not hear why, as a reset overtakes it: no code is seen."""
    told = made.ended[attack.ended_by or 0]
    return told + made.ended[0] if attack.ended_by == _TOO_LARGE else told
