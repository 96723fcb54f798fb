"""A measured run: one scenario, carried out by this process or by several, judged and reported as one."""

from __future__ import annotations

import asyncio

from loadtest.haul import Haul, report_of
from loadtest.loads import load_of
from loadtest.plan import Around, Scenario, ScenarioPlan
from loadtest.platform import Platform
from loadtest.play import Play
from loadtest.progress import Watch, unwatched
from loadtest.recording import Recording
from loadtest.report import Report
from loadtest.target import parse_target

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
        play = Play(plan, around, around.tokens or platform, recording, stop, watch)
        seconds = await play.perform(load_of)
    return judged(plan, [recording.haul()], seconds)


def judged(plan: ScenarioPlan, hauls: list[Haul], seconds: float) -> Report:
    """The report of a run whose parts brought these home."""
    report = report_of(plan.scenario.value, plan.viewers, seconds, hauls)
    return report.with_faults(*_miscounted(plan, report))


def _miscounted(plan: ScenarioPlan, report: Report) -> list[str]:
    """What the room told of itself, held against what was done to it; where somebody missed a batch it cannot be."""
    if report.audit.gaps:
        return []
    faults = []
    credited, told = report.outcomes("checkin.mark", "ok"), report.sums.get("checkin.burst", 0)
    if plan.scenario in (Scenario.TAP, Scenario.EVENING) and told < credited:
        faults.append(f"{credited} check-ins were credited, but the bursts told of {told}.")
    shed, declared = report.outcomes("danmaku.send", "shed"), report.shed.get("danmaku", 0)
    if declared < shed:
        faults.append(f"{shed} danmaku were shed, but the room told of {declared}.")
    if not report.reconnects:
        faults += _misreported(report)
    return faults


def _misreported(report: Report) -> list[str]:
    """Shout-outs whose `reached` is not the number of viewers who got them."""
    return [
        f"A shout-out is said to have reached {said} connections, but {readers} got it."
        for said, readers in report.reached.values()
        if readers and readers != said
    ]
