"""Every scenario for a moment, against a real server and its store; all side by side, since each mostly waits."""

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import replace

import pytest
import pytest_asyncio

from loadtest.plan import Scenario, ScenarioPlan
from loadtest.report import Report
from loadtest.scenario import run_scenario
from tests.server import RealServer

pytestmark = [pytest.mark.slow, pytest.mark.store]

RATES = {Scenario.IDLE: 4.0, Scenario.CHURN: 5.0}

Reports = Mapping[Scenario, Report]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def reports(shared_server: RealServer) -> Reports:
    """What came of each, in a room of its own."""
    async with asyncio.TaskGroup() as together:
        running = {one: together.create_task(performed(shared_server, one)) for one in Scenario}
    return {one: task.result() for one, task in running.items()}


async def performed(server: RealServer, scenario: Scenario) -> Report:
    tag = secrets.token_hex(3)
    plan = ScenarioPlan(url=server.url, run=tag, room=f"load-{tag}", scenario=scenario, viewers=20, seconds=2.0)
    if (rate := RATES.get(scenario)) is not None:
        plan = replace(plan, rate=rate)
    return await run_scenario(plan, asyncio.Event())


@pytest.mark.parametrize("scenario", Scenario)
def test_everything_that_is_owed_arrives(reports: Reports, scenario: Scenario) -> None:
    report = reports[scenario]
    assert report.passed, report.as_dict()
    assert report.audit.owed == report.audit.received + report.audit.missed > 0


def test_idle(reports: Reports) -> None:
    assert reports[Scenario.IDLE].to_last.count > 0


def test_storm(reports: Reports) -> None:
    report = reports[Scenario.STORM]
    assert report.outcomes("danmaku.send", "accepted") == report.to_last.count > 5


def test_wave(reports: Reports) -> None:
    assert reports[Scenario.WAVE].replies["join"].accepted.count > 10


def test_tap(reports: Reports) -> None:
    report = reports[Scenario.TAP]
    assert report.replies["checkin.mark"].outcomes == {"ok": 20, "replayed": 4}
    assert report.sums["checkin.burst"] == 20


def test_shout(reports: Reports) -> None:
    assert {said for said, _ in reports[Scenario.SHOUT].reached.values()} == {21}


def test_churn(reports: Reports) -> None:
    assert reports[Scenario.CHURN].reconnects > 2


def test_stalled(reports: Reports) -> None:
    report = reports[Scenario.STALLED]
    assert report.to_last.count == report.outcomes("danmaku.send", "accepted") > 5


def test_rejoin(reports: Reports) -> None:
    report = reports[Scenario.REJOIN]
    assert report.reconnects == 18
    assert report.audit.received > 5 * 18


def test_evening(reports: Reports) -> None:
    assert {"danmaku.said", "checkin.burst", "like.counted"} <= reports[Scenario.EVENING].events.keys()
