import asyncio
from dataclasses import replace

import pytest

from loadtest.crowd import LIFE, CrowdPlan, run_crowd
from loadtest.faults import ServerUnreachable
from loadtest.progress import Glance
from tests.loadtest.fake_room import FakeRoom, fake_room

PLAN = CrowdPlan(url="", run="t", viewers=12, seed=3, seconds=10.0, operator_token="operator")


@pytest.mark.slow
async def test_every_kind_of_life_comes_in_time() -> None:
    async with fake_room(FakeRoom()) as room:
        report = await run_crowd(replace(PLAN, url=room.url), asyncio.Event())
    assert report.passed
    assert not report.warnings
    assert set(LIFE) == set(report.silences)
    assert max(report.silences.values()) < 10.0
    assert len(room.receipts) >= 2
    assert all(user.startswith("sim.t.") for user in room.receipts)


async def test_a_stop_sends_everybody_home() -> None:
    stop = asyncio.Event()
    seen: list[Glance] = []

    def watch(glance: Glance) -> None:
        seen.append(glance)
        stop.set()

    async with fake_room(FakeRoom()) as room:
        report = await run_crowd(replace(PLAN, url=room.url, seconds=None), stop, watch)
    assert seen[0].present > 0
    assert seen[0].total is None
    assert report.audit.batches > 0
    assert report.passed


async def test_without_the_operators_key_it_goes_on_and_says_what_is_missing() -> None:
    async with fake_room(FakeRoom()) as room:
        report = await run_crowd(replace(PLAN, url=room.url, seconds=1.0, operator_token=None), asyncio.Event())
    assert any("ROOMSERVER_OPERATOR_TOKEN" in warning for warning in report.warnings)
    assert report.events["effects.entered"] > 0


async def test_no_server_is_one_sentence() -> None:
    async with fake_room(FakeRoom()) as room:
        pass
    with pytest.raises(ServerUnreachable):
        await run_crowd(replace(PLAN, url=room.url), asyncio.Event())
