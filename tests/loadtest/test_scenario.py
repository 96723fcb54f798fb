import asyncio
from dataclasses import replace

import pytest

from loadtest.plan import Scenario, ScenarioPlan
from loadtest.report import Report
from loadtest.scenario import run_scenario
from tests.loadtest.fake_room import Batch, FakeRoom, fake_room

PLAN = ScenarioPlan(url="", run="t", room="demo", scenario=Scenario.STORM, viewers=10, seconds=0.4, rate=150.0)
VICTIM = "sim.t.3"


async def perform(room: FakeRoom, plan: ScenarioPlan) -> Report:
    async with fake_room(room):
        return await run_scenario(replace(plan, url=room.url), asyncio.Event())


async def test_a_storm_reaches_everybody_and_is_measured_to_the_last() -> None:
    report = await perform(FakeRoom(), PLAN)
    assert report.passed
    sent = report.replies["danmaku.send"].outcomes["accepted"]
    assert 30 < sent < 100
    assert report.to_last.count == report.to_first.count == report.events["danmaku.said"] == sent
    assert report.to_last.percentile(50) >= report.to_first.percentile(50)
    assert report.bytes_per_viewer > 1000


async def test_the_same_seed_sends_the_same() -> None:
    one, other = [await perform(FakeRoom(), PLAN) for _ in range(2)]
    assert one.events == other.events


async def test_tapping_counts_every_member_once() -> None:
    report = await perform(FakeRoom(), replace(PLAN, scenario=Scenario.TAP, rate=50.0))
    assert report.replies["checkin.mark"].outcomes == {"ok": 10, "replayed": 2}
    assert report.passed


async def test_a_wave_weighs_those_who_watch_it() -> None:
    report = await perform(FakeRoom(), replace(PLAN, scenario=Scenario.WAVE, viewers=20, rate=None))
    assert report.replies["join"].accepted.count > 10
    assert report.passed


def lost(user: str, log: list[Batch]) -> list[Batch]:
    return [] if user == VICTIM and len(log) == 20 else log[-1:]


def doubled(user: str, log: list[Batch]) -> list[Batch]:
    return [log[-1], log[-1]] if user == VICTIM and len(log) == 20 else log[-1:]


def reordered(user: str, log: list[Batch]) -> list[Batch]:
    if user != VICTIM or len(log) not in (20, 21):
        return log[-1:]
    return [] if len(log) == 20 else [log[20], log[19]]


def lost_to_all(user: str, log: list[Batch]) -> list[Batch]:
    """The events of one batch are taken out of it, and nobody is told."""
    return [{**log[-1], "data": {"events": []}}] if len(log) == 20 else log[-1:]


@pytest.mark.parametrize(
    ("fault", "found"),
    [(lost, (1, 0, 0, 0)), (doubled, (0, 1, 0, 0)), (reordered, (0, 0, 1, 0)), (lost_to_all, (0, 0, 0, 1))],
)
async def test_a_planted_fault_at_one_viewer_fails_the_run(fault: object, found: tuple[int, int, int, int]) -> None:
    report = await perform(FakeRoom(fault=fault), PLAN)  # type: ignore[arg-type]  # pytest's parameters are objects
    audit = report.audit
    assert (audit.lost, audit.doubled, audit.reordered, report.unseen) == found
    assert not report.passed


async def test_bursts_that_tell_of_too_few_check_ins_fail_the_run() -> None:
    report = await perform(FakeRoom(burst_delta=0), replace(PLAN, scenario=Scenario.TAP, rate=50.0))
    assert report.faults == ("10 check-ins were credited, but the bursts told of 0.",)
    assert not report.passed


async def test_two_receipts_for_one_member_fail_the_run() -> None:
    report = await perform(FakeRoom(forgetful=True), replace(PLAN, scenario=Scenario.TAP, rate=50.0))
    assert "A member was given two different receipts for one day." in report.faults
    assert not report.passed


async def test_a_stop_ends_it_at_once() -> None:
    stop = asyncio.Event()
    stop.set()
    async with fake_room(FakeRoom()) as room:
        report = await run_scenario(replace(PLAN, url=room.url, seconds=3000.0), stop)
    assert report.seconds < 1.0
