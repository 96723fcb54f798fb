import json
import os
import sys
from asyncio.subprocess import PIPE, create_subprocess_exec

import pytest

from loadtest.compare.measures import Row
from loadtest.hold.attacks import Kind
from loadtest.hold.rows import FLOOD, ROWS
from loadtest.oscost import private_of

LOOKS = private_of(os.getpid()) is not None
"""Whether the system says here how much a process holds."""


@pytest.mark.parametrize("row", ROWS.values(), ids=list(ROWS))
def test_every_goal_speaks_of_cases_of_its_row(row: Row) -> None:
    names = {entry.name for entry in row.entries}
    for goal in row.goals:
        assert {goal.of, goal.to or goal.of} <= names


def test_every_flood_has_its_goals() -> None:
    floods = {kind.value for kind in Kind} - {"reading", "slow"}
    assert {goal.of for goal in FLOOD.goals} == floods
    assert all(sum(goal.of == flood for goal in FLOOD.goals) == 4 for flood in floods)


def test_a_deadline_is_no_goal_of_a_round_that_is_over_before() -> None:
    brief = {goal.of for goal in FLOOD.goals if goal.figure == "ended_by_rule" and goal.lasts < 2.0}
    assert brief == {"pings", "pieces", "bombs"}
    assert all(goal.lasts < 4.0 for goal in FLOOD.goals)


async def held(*options: str) -> dict[str, dict[str, float]]:
    command = ("hold", "--rounds", "1", "--viewers", "20", "--seconds", "0.5", "--json", "--quiet", *options)
    process = await create_subprocess_exec(sys.executable, "-m", "loadtest", *command, stdout=PIPE)
    out, _ = await process.communicate()
    assert process.returncode in ((0, 1) if LOOKS else (0, 1, 2))  # goals are for full sizes and a quiet machine
    found = json.loads(out)
    assert found["sound"]
    return {case["name"]: case["medians"] for row in found["rows"] for case in row["cases"]}


@pytest.mark.slow
@pytest.mark.store
async def test_a_siege_is_measured() -> None:
    figures = await held("--row", "flood", "--case", "nobody", "--case", "pieces")
    assert "last_p99_ms" in figures["nobody"]
    assert ("kib_grown" in figures["nobody"]) is LOOKS
    assert figures["pieces"]["peers"] == 2
    assert figures["pieces"]["came"] >= 1
    assert figures["pieces"]["opened"] >= 2


@pytest.mark.slow
@pytest.mark.store
async def test_an_overload_is_measured() -> None:
    figures = (await held("--row", "overload"))["overload"]
    assert figures["holds_per_second"] > 0
    assert figures["came_share"] == 1.0
    assert (figures["receipts_lost"], figures["control_lost"], figures["shed_untold"]) == (0, 0, 0)
