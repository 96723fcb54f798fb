"""What the architecture page draws is there: each file in the line of a check-in, and the functions that it names."""

import ast
import re
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

from tests.conftest import CHECKOUT

DOCS = CHECKOUT / "docs"
DRAWING = DOCS / "images" / "checkin.svg"
MOST_FILES = 7
"""A stranger follows a check-in through no more."""


def drawn() -> list[tuple[str, list[str]]]:
    """The files of the drawing in their order, with the functions below each."""
    texts = [one.text or "" for one in ET.parse(DRAWING).iter("{http://www.w3.org/2000/svg}text")]
    return [(file, below.split(", ")) for file, below in pairwise(texts) if re.fullmatch(r"[\w/]+\.py", file)]


def defined_in(file: Path) -> set[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {one.name for one in ast.walk(tree) if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_the_line_of_a_check_in_is_as_it_is_drawn() -> None:
    line = drawn()
    assert 0 < len(line) <= MOST_FILES
    missing = {file: set(functions) - defined_in(CHECKOUT / file) for file, functions in line}
    assert {file: names for file, names in missing.items() if names} == {}


def test_the_page_tells_the_files_in_the_order_in_which_they_are_drawn() -> None:
    page = (DOCS / "architecture.md").read_text(encoding="utf-8")
    places = [page.index(f"`{file}`") for file, _ in drawn()]
    assert places == sorted(places)
