import asyncio
from dataclasses import replace

import pytest

from loadtest.faults import PartFailed
from loadtest.plan import Around, Scenario, ScenarioPlan
from loadtest.processes import run_parts
from loadtest.progress import Glance
from tests.loadtest.fake_room import FakeRoom, fake_room
from tests.loadtest.test_scenario import lost

PLAN = ScenarioPlan(url="", run="t", room="demo", scenario=Scenario.STORM, viewers=10, seconds=1.0, rate=60.0)


@pytest.mark.slow
async def test_processes_share_a_run_and_are_judged_as_one() -> None:
    glances: list[Glance] = []
    async with fake_room(FakeRoom()) as room:
        plan = replace(PLAN, url=room.url)
        report = await run_parts(plan, 2, asyncio.Event(), glances.append, Around())
    assert report.passed
    assert report.viewers == report.replies["seat"].accepted.count == 10
    assert report.to_last.count == report.replies["danmaku.send"].outcomes["accepted"] > 20
    assert max(glance.present for glance in glances) == 10


@pytest.mark.slow
async def test_a_fault_in_one_process_fails_the_whole() -> None:
    async with fake_room(FakeRoom(fault=lost)) as room:
        report = await run_parts(replace(PLAN, url=room.url), 2, asyncio.Event(), lambda _: None, Around())
    assert report.audit.lost == 1
    assert not report.passed


@pytest.mark.slow
async def test_what_a_process_cannot_do_is_one_sentence() -> None:
    plan = replace(PLAN, url="ws://127.0.0.1:1/")
    with pytest.raises(PartFailed, match="No server answers"):
        await run_parts(plan, 2, asyncio.Event(), lambda _: None, Around())
