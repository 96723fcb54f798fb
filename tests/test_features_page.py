"""docs/features.md is held to the code: what it names exists, and what is served is on it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from roomserver.centrifuge import codes
from roomserver.config import Config
from roomserver.features import make_house
from roomserver.protocol_page import refusals
from tests.roomserver.http.serving import serving

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
HOUSE = make_house(pictures=True)

PROMISED = {
    *("M1", "M2", "M3", "M4", "M5", "M6", "M10", "M11", "E1", "E2", "E3"),
    *("C1", "C2", "C3", "C4", "C7", "C8", "C9", "C11", "C12", "C18", "C19", "C23", "C24", "C26"),
}
"""The parts of a live room that are built, by the numbers that stories carry too."""

ASKED = {kind.kind for kind in HOUSE.commands if kind.on_wire} | {kind.kind for kind in HOUSE.queries if kind.on_wire}
TOLD = {kind.kind for feature in HOUSE.features for kind in feature.events if kind.audience or kind.durable}
CODES = {kind.code for kind in refusals(HOUSE)}
CODES |= {one.code for one in codes.DISCONNECTS} | {one.code for one in codes.UNSUBSCRIPTIONS}
PROSE = "".join((DOCS / name).read_text("utf-8") for name in ("protocol.md", "platform.md", "operations.md"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One feature, as the page has it."""

    what: str
    command: str
    event: str
    page: str
    test: str


def rows(text: str) -> list[Row]:
    """The rows of the page's table, without its head."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    names = [one.name for one in fields(Row)]
    return [Row(**dict(zip(names, line.strip("| ").split(" | "), strict=True))) for line in lines[1:]]


ROWS = rows((DOCS / "features.md").read_text("utf-8"))
pages = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.what[:40])


def named(cell: str) -> list[str]:
    """What a cell sets as code."""
    return re.findall(r"`([^`]+)`", cell)


def unknown_messages(names: Iterable[str], known: Iterable[str]) -> list[str]:
    """Names of messages, or of a family of them (``app.*``), that there are not."""
    messages = [one for one in names if re.fullmatch(r"[a-z]+\.[a-z_*]+", one)]
    return [one for one in messages if not any(re.fullmatch(one.replace("*", ".+"), other) for other in known)]


def unknown_keys(names: Iterable[str]) -> list[str]:
    """``[section] key`` of no configuration."""
    keys = [one for one in names if one.startswith("[")]
    return [one for one in keys if not configured(re.sub(r"[\[\]]", "", one).replace(" ", ".").split("."))]


def configured(path: list[str], kind: Any = Config) -> bool:
    """Whether a configuration has such a key."""
    if not path:
        return True
    kinds = [one for one in (kind, *get_args(kind)) if is_dataclass(one)]
    hints = {name: hint for one in kinds for name, hint in get_type_hints(one).items()}
    return path[0] in hints and configured(path[1:], hints[path[0]])


def unknown_codes(cell: str) -> list[int]:
    """Numbers of refusals, closes and ends (``1500–1505`` is all of them) that nothing gives."""
    spans = re.findall(r"\b(\d{4})(?:–(\d{4}))?", cell)
    return [code for low, high in spans for code in range(int(low), int(high or low) + 1) if code not in CODES]


async def addresses() -> set[str]:
    """What is asked for over HTTP, as ``PUT /rooms/{room}``."""
    async with serving() as on:
        said = (await on.stranger().get("/api/openapi.json")).json()
    return {f"{method.upper()} {path}" for path, methods in said["paths"].items() for method in methods}


def unknown_addresses(names: Iterable[str], served: Iterable[str]) -> list[str]:
    """``METHOD …/end`` of no address that is served."""
    asked = [one for one in names if re.match(r"(GET|PUT|POST|DELETE|PATCH) ", one)]
    return [one for one in asked if not any(_fits(one, other) for other in served)]


def _fits(named: str, served: str) -> bool:
    method, path = named.split(" ")
    return served.startswith(f"{method} ") and served.endswith(path.removeprefix("…"))


@pages
def test_the_tests_of_a_feature_are_there(row: Row) -> None:
    assert named(row.test), "no test"
    assert [one for one in named(row.test) if not (one.startswith("tests/") and (ROOT / one).is_file())] == []


@pages
def test_its_messages_refusals_and_keys_are_served(row: Row) -> None:
    assert unknown_messages(named(row.command), ASKED) == []
    assert unknown_messages(named(row.event), TOLD) == []
    assert unknown_codes(f"{row.command} {row.event}") == []
    assert unknown_keys(named(f"{row.what} {row.command}")) == []


@pages
def test_its_fields_are_described_elsewhere_too(row: Row) -> None:
    words = [one for one in named(f"{row.command} {row.event}") if re.fullmatch(r"[a-z_]+", one)]
    assert [one for one in words if one not in PROSE] == []


@pages
def test_its_page_is_one_of_the_two(row: Row) -> None:
    assert re.match(r"(viewer|host console|–)", row.page)


async def test_what_is_asked_for_over_http_is_served() -> None:
    served = await addresses()
    assert [one for row in ROWS for one in unknown_addresses(named(row.command), served)] == []


def test_all_that_viewers_can_ask_and_are_told_is_on_the_page() -> None:
    told = {kind.kind for feature in HOUSE.features for kind in feature.events if kind.audience}
    said = {one for row in ROWS for one in named(f"{row.command} {row.event}")}
    assert sorted(one for one in ASKED | told if one not in said and not one.startswith("app.")) == []


def test_every_part_that_was_promised_has_a_row() -> None:
    numbers = {one for row in ROWS for one in re.findall(r"\b[MEC]\d+\b", row.what)}
    assert sorted(PROMISED - numbers) == []


def test_what_is_wrong_is_found() -> None:
    assert unknown_messages(["danmaku.sing", "ape.*", "danmaku.send", "app.*"], {"danmaku.send", "app.x"}) == [
        "danmaku.sing",
        "ape.*",
    ]
    assert unknown_keys(["[rooms] thank_again_seconds", "[danmaku.hook]", "[[points]]", "[rooms] thanks", "[x]"]) == [
        "[rooms] thanks",
        "[x]",
    ]
    assert unknown_codes("refusals 1500–1505, 1599") == [1599]
    served = {"PUT /rooms/{room}/live"}
    assert unknown_addresses(["PUT …/live", "POST …/live", "PUT …/alive"], served) == ["POST …/live", "PUT …/alive"]
