import json
import sys
from asyncio.subprocess import PIPE, create_subprocess_exec

import pytest

from loadtest.compare.rows import ROWS


@pytest.mark.parametrize("row", ROWS.values(), ids=list(ROWS))
def test_every_goal_speaks_of_cases_of_its_row(row: object) -> None:
    names = {entry.name for entry in row.entries}  # type: ignore[attr-defined]  # pytest's parameters are objects
    for goal in row.goals:  # type: ignore[attr-defined]
        assert {goal.of, goal.to or goal.of} <= names


@pytest.mark.slow
@pytest.mark.store
async def test_all_are_measured_on_the_same_load() -> None:
    """In two rounds: a machine that stands still for one of two seconds has nothing measured in it."""
    lasts = ("--rounds", "2", "--seconds", "2")
    command = ("compare", *lasts, "--row", "single", "--viewers", "20", "--json", "--quiet")
    process = await create_subprocess_exec(sys.executable, "-m", "loadtest", *command, stdout=PIPE)
    out, _ = await process.communicate()
    assert process.returncode == 0
    [row] = json.loads(out)["rows"]
    figures = {case["name"]: case["medians"] for case in row["cases"] if case["skipped"] is None}
    assert set(figures) >= {"roomserver", "websockets"}
    assert [name for name, of in figures.items() if "cpu_us_per_delivery" not in of] == [], row["cases"]
    assert all(of["cpu_us_per_delivery"] > 0 and 200 < of["bytes_per_delivery"] < 600 for of in figures.values())
