"""Every scenario for a moment, against a real server and its store."""

import asyncio
import secrets

import pytest

from loadtest.plan import Scenario, ScenarioPlan
from loadtest.report import Report
from loadtest.scenario import run_scenario
from tests.server import RealServer

pytestmark = [pytest.mark.slow, pytest.mark.store]


async def perform(server: RealServer, scenario: Scenario, **more: object) -> Report:
    tag = secrets.token_hex(3)
    plan = ScenarioPlan(url=server.url, run=tag, room=f"load-{tag}", scenario=scenario, viewers=20, seconds=2.0, **more)  # type: ignore[arg-type]
    report = await run_scenario(plan, asyncio.Event())
    assert report.passed, report.as_dict()
    assert report.audit.owed == report.audit.received + report.audit.missed > 0
    return report


async def test_idle(shared_server: RealServer) -> None:
    assert (await perform(shared_server, Scenario.IDLE, rate=4.0)).to_last.count > 0


async def test_storm(shared_server: RealServer) -> None:
    report = await perform(shared_server, Scenario.STORM)
    assert report.outcomes("danmaku.send", "accepted") == report.to_last.count > 5


async def test_wave(shared_server: RealServer) -> None:
    assert (await perform(shared_server, Scenario.WAVE)).replies["join"].accepted.count > 10


async def test_tap(shared_server: RealServer) -> None:
    report = await perform(shared_server, Scenario.TAP)
    assert report.replies["checkin.mark"].outcomes == {"ok": 20, "replayed": 4}
    assert report.sums["checkin.burst"] == 20


async def test_shout(shared_server: RealServer) -> None:
    report = await perform(shared_server, Scenario.SHOUT)
    assert {said for said, _ in report.reached.values()} == {21}


async def test_churn(shared_server: RealServer) -> None:
    assert (await perform(shared_server, Scenario.CHURN, rate=5.0)).reconnects > 2


async def test_stalled(shared_server: RealServer) -> None:
    report = await perform(shared_server, Scenario.STALLED)
    assert report.to_last.count == report.outcomes("danmaku.send", "accepted") > 5


async def test_rejoin(shared_server: RealServer) -> None:
    report = await perform(shared_server, Scenario.REJOIN)
    assert report.reconnects == 18
    assert report.audit.received > 5 * 18


async def test_evening(shared_server: RealServer) -> None:
    report = await perform(shared_server, Scenario.EVENING)
    assert {"danmaku.said", "checkin.burst", "like.counted"} <= report.events.keys()
