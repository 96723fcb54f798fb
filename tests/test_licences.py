"""docs/operations.md names the licence of everything that runs."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")
ROWS = dict(re.findall(r"^\| \**([a-z0-9-]+)\** \| ([^|]+) \|$", PAGE.partition("## Dependencies")[2], re.MULTILINE))

_spec = importlib.util.spec_from_file_location("licences", ROOT / "scripts" / "licences.py")
assert _spec is not None
assert _spec.loader is not None
licences = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(licences)


def test_everything_that_the_project_asks_for_has_its_row() -> None:
    asked = licences.declared(ROOT / "pyproject.toml")
    assert len(asked) > 10
    assert [name for name in asked if name not in ROWS] == []


def test_every_licence_is_known_and_asks_for_no_source_of_ours() -> None:
    assert [name for name, said in ROWS.items() if not said.strip() or said.strip() == "not said"] == []
    assert [name for name, said in ROWS.items() if re.search(r"(?<!L)GPL", said)] == []


def test_the_table_has_what_is_needed_in_turn() -> None:
    assert {"starlette", "cryptography", "pylibsrtp"} <= set(licences.needed(["fastapi", "aiortc"]))
    assert licences.licence("pytest") == "MIT"
    names = [licences.canonical(name) for name in ("PyJWT", "typing_extensions", "a.b")]
    assert names == ["pyjwt", "typing-extensions", "a-b"]
