"""What is counted stands on the page, and what stands there is counted."""

from __future__ import annotations

import re

from tests.conftest import CHECKOUT

ROW = re.compile(r"^\| (`[^|]+`) \|", re.MULTILINE)
COUNTED = re.compile(r'(?:counted|_past)\["(\w+)"\]')
ELSEWHERE = {"refused"}
"""Counted by the room server itself."""

SOURCES = "\n".join(path.read_text("utf-8") for path in sorted((CHECKOUT / "media").glob("*.py")))


def on_the_page() -> set[str]:
    page = (CHECKOUT / "docs" / "media.md").read_text("utf-8")
    rows = " ".join(ROW.findall(page.partition("### What is counted")[2].partition("\n#")[0]))
    return {name.removesuffix("_total") for name in re.findall(r"`(\w+)", rows)} - ELSEWHERE


def test_every_counter_stands_on_the_page() -> None:
    counted = {name.removesuffix("_total") for name in COUNTED.findall(SOURCES)}
    assert counted - on_the_page() == set()
    assert len(counted) > 10


def test_the_page_names_no_counter_that_there_is_not() -> None:
    known = [name for name in on_the_page() if f'"{name}"' in SOURCES or f'"{name}_total"' in SOURCES]
    assert sorted(on_the_page() - set(known)) == []
