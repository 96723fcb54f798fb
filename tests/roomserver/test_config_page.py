"""The page of the configuration: fresh, each table once under all its headers, and true of what is read."""

from __future__ import annotations

import re

from roomserver.config import Config, read
from roomserver.config_page import page
from tests.conftest import CHECKOUT


def test_the_page_is_fresh() -> None:
    told = (CHECKOUT / "docs" / "configuration.md").read_text(encoding="utf-8")
    assert told == page(), "stale: run `make docs`"


def test_a_table_is_told_once_under_all_its_headers() -> None:
    headers = [line for line in page().splitlines() if line.startswith("## ")]
    assert "## `[danmaku.hook]`" in headers
    assert "## `[[streaks.ladder]]`, `[[streaks.total_ladder]]`" in headers
    names = [name for line in headers for name in re.findall("`([^`]+)`", line)]
    assert len(names) == len(set(names))


def test_what_it_says_of_what_is_left_out_changes_nothing() -> None:
    said = page().partition("## `[server]`")[2].partition("## ")[0]
    rows = re.findall(r"\| `(\w+)` \| .* \| `(.+)` \|", said)
    assert len(rows) > 5
    assert read("[server]\n" + "\n".join(f"{key} = {value}" for key, value in rows)) == Config()
