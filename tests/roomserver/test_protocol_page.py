"""The protocol page says what is served."""

from __future__ import annotations

from pathlib import Path

from roomserver.centrifuge import codes
from roomserver.features import make_house
from roomserver.protocol_page import page

PAGE = Path(__file__).parents[2] / "docs" / "protocol.md"


def test_the_page_is_fresh() -> None:
    assert PAGE.read_text("utf-8") == page(make_house()), "stale: run `make docs`"


def test_every_command_on_the_wire_is_on_the_page() -> None:
    house = make_house()
    text = page(house)
    kinds = [kind.kind for kind in house.commands if kind.on_wire] + [
        kind.kind for kind in house.queries if kind.on_wire
    ]
    assert [kind for kind in kinds if f"### `{kind}`" not in text] == []


def test_every_standard_error_is_on_the_page_once() -> None:
    text = page(make_house())
    assert [text.count(f"\n| {error.code} |") for error in codes.ERRORS] == [1] * len(codes.ERRORS)


def test_what_only_the_server_commands_is_not() -> None:
    assert "presence.join`" not in page(make_house())
