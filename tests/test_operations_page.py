"""docs/operations.md is held to the code: its tests, metrics and codes are there, and every failure has them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path

import pytest

from roomserver.readings import readings
from tests.roomserver.http.serving import serving
from tests.test_features_page import named, unknown_codes

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")
FAILURES = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One failure, as the page has it."""

    nr: str
    failure: str
    viewer: str
    operator: str
    lost: str
    heals: str
    test: str


def rows(text: str) -> list[Row]:
    """The rows of the table of failures."""
    lines = [line.strip("| ").split(" | ") for line in text.splitlines() if re.match(r"\| F\d+ ", line)]
    return [Row(**dict(zip((one.name for one in fields(Row)), line, strict=True))) for line in lines]


ROWS = rows(PAGE)
failures = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.nr)


def unknown_metrics(names: Iterable[str], served: Iterable[str]) -> list[str]:
    """Names of metrics, without what all begin with, that no server has."""
    looked_for = [one.partition("{")[0] for one in names]
    known = {one.removeprefix("roomserver_") for one in served}
    return [one for one in looked_for if re.fullmatch(r"[a-z]+(_[a-z]+)+", one) and one not in known]


async def served_metrics() -> set[str]:
    async with serving() as on:
        on.server.metrics.gather(lambda: readings(on.server))
        lines = on.server.metrics.page().decode().splitlines()
    return {words[2] for line in lines if (words := line.split(" "))[:2] == ["#", "TYPE"]}


def test_every_failure_has_its_row() -> None:
    assert [row.nr for row in ROWS] == [f"F{number}" for number in range(1, FAILURES + 1)]


@failures
def test_its_tests_are_there(row: Row) -> None:
    assert named(row.test), "no test"
    assert [one for one in named(row.test) if not (ROOT / one).is_file()] == []


@failures
def test_what_is_lost_is_said(row: Row) -> None:
    assert re.match(r"nothing|what the |–", row.lost)


@failures
def test_its_codes_are_given(row: Row) -> None:
    assert unknown_codes(f"{row.viewer} {row.operator}") == []


async def test_the_metrics_of_the_operator_are_served() -> None:
    served = await served_metrics()
    assert [one for row in ROWS for one in unknown_metrics(named(row.operator), served)] == []


def test_the_tests_of_backup_restore_and_upgrade_are_there() -> None:
    part = PAGE.partition("## Backup, restore, upgrade")[2]
    tests = [one for one in named(part) if one.startswith("tests/")]
    assert len(tests) >= 4
    assert [one for one in tests if not (ROOT / one).is_file()] == []


def test_what_is_wrong_is_found() -> None:
    assert unknown_metrics(["store_away", 'durability{level="x"}', "closes_total"], {"roomserver_closes"}) == [
        "store_away",
        "closes_total",
    ]
    [row] = rows("| F1 | it breaks | nothing | `store_away` | nothing | itself | `tests/x.py` |")
    assert (row.nr, row.lost, named(row.test)) == ("F1", "nothing", ["tests/x.py"])
