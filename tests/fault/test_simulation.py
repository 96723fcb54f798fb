"""Two thousand made-up evenings on which everything fails: every promise is kept, and a planted fault is found."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator

import pytest

from roomserver.metrics import Metrics
from tests.fault.client import Json
from tests.fault.figures import Book, Figures, size
from tests.fault.mutants import MUTANTS
from tests.fault.simulation import Plan, what_breaks

pytestmark = [pytest.mark.fault, pytest.mark.slow]

SCHEDULES = size(2_000, 200_000)
PROCESSES = 2
TRIES = 100
"""Schedules until a planted fault must be found."""


async def surveyed(first: int, last: int) -> Json:
    """What a process of its own found."""
    command = [sys.executable, "-m", "tests.fault.simulation", str(first), str(last)]
    same = {**os.environ, "PYTHONHASHSEED": "0"}  # sets have the same order in each run
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, env=same)
    try:
        said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    found: Json = json.loads(said)
    return found


@pytest.mark.timeout(size(900, 9000))
async def test_no_schedule_breaks_a_promise(figures: Book) -> None:
    share = SCHEDULES // PROCESSES
    async with asyncio.TaskGroup() as group:
        parts = [group.create_task(surveyed(n * share, (n + 1) * share - 1)) for n in range(PROCESSES)]
    found = [part.result() for part in parts]
    sums = {name: sum(one[name] for one in found) for name in ("faults", "acknowledged", "lost", "doubled")}
    figures(Figures(what="simulated schedules", rounds=sum(one["schedules"] for one in found), **sums))
    broken = {seed: why for one in found for seed, why in one["broken"].items()}
    assert broken == {}
    assert sums["lost"] == sums["doubled"] == 0
    assert sums["faults"] > SCHEDULES


@pytest.fixture
def quiet() -> Iterator[None]:
    """Planted faults say a lot."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("plan", MUTANTS.values(), ids=MUTANTS)
def test_a_planted_fault_is_found(plan: Callable[[], Plan]) -> None:
    metrics = Metrics()
    assert any(what_breaks(seed, plan(), metrics)[1] for seed in range(TRIES))


@pytest.mark.usefixtures("quiet")
def test_the_same_seed_is_the_same_schedule() -> None:
    plan = MUTANTS["a batch is written twice"]
    first, second = (what_breaks(3, plan(), Metrics())[1] for _ in range(2))
    assert first == second != ""


@pytest.mark.usefixtures("quiet")
def test_commands_that_are_sent_again_blindly_do_no_harm_as_long_as_versions_are_compared() -> None:
    """What a store client's own retries would do: the second sending conflicts, and the row tells the first."""
    metrics = Metrics()
    assert [what_breaks(seed, Plan(retries=True), metrics)[1] for seed in range(30)] == [""] * 30
