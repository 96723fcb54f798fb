"""SECURITY.md is held to the code: every requirement is promised or not, and what holds a promise is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "SECURITY.md").read_text("utf-8")
ROWS = {match[1]: match[0] for match in re.finditer(r"^\| (S\d+) \|.*$", PAGE, re.MULTILINE)}
NOT_PROMISED = set(re.findall(r"^\* (S\d+):", PAGE, re.MULTILINE))


def named_tests(row: str) -> list[str]:
    return re.findall(r"`(tests/[^`]+)`", row)


def missing(name: str) -> bool:
    """Whether there is no such file, or no such test in it."""
    path, _, test = name.partition("::")
    file = ROOT / path
    return not file.is_file() or (test != "" and f"def {test}(" not in file.read_text("utf-8"))


def test_every_requirement_is_promised_or_is_not() -> None:
    assert sorted([*ROWS, *NOT_PROMISED]) == sorted(f"S{number}" for number in range(1, 41))


@pytest.mark.parametrize("number", ROWS)
def test_what_is_promised_is_held_by_tests_that_are_there(number: str) -> None:
    assert named_tests(ROWS[number]), "nothing holds it"
    assert [name for name in named_tests(ROWS[number]) if missing(name)] == []


def test_what_is_missing_is_found() -> None:
    assert missing("tests/test_nothing.py")
    assert missing("tests/test_security_page.py::test_nothing_of_that_name")
    assert not missing("tests/test_security_page.py::test_what_is_missing_is_found")
