"""Tables into dataclasses: every mistake with its key, its line, and what fits."""

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta

from roomserver.tables import Problem, WrongConfig, read_tables


class Speed(StrEnum):
    SLOW = "slow"
    FAST = "fast"


@dataclass(frozen=True, kw_only=True)
class Wheel:
    size: Annotated[int, Meta(ge=1, description="a size, at least 1")]
    maker: str = ""

    def __post_init__(self) -> None:
        if self.maker == "nobody":
            raise ValueError("somebody made it")


@dataclass(frozen=True, kw_only=True)
class Engine:
    speed: Speed = Speed.SLOW
    fuel: Literal["wind", "sun"] | None = None
    spare: Wheel | None = None


@dataclass(frozen=True, kw_only=True)
class Cart:
    name: str = "cart"
    open: bool = True
    engine: Engine = field(default_factory=Engine)
    wheels: tuple[Wheel, ...] = ()
    tags: tuple[str, ...] = ()
    horn: Wheel | str = ""


def nothing(_: Cart) -> Iterable[Problem]:
    return ()


def read(text: str) -> Cart:
    return read_tables(Cart, text, "cart.toml", nothing)


def wrong(text: str) -> list[str]:
    with pytest.raises(WrongConfig) as caught:
        read(text)
    return caught.value.lines()


def test_an_empty_text_is_all_defaults() -> None:
    assert read("") == Cart()


def test_tables_lists_and_tables_in_lists_are_read() -> None:
    text = """
name = "hay"
tags = ["a", "b"]
[engine]
speed = "fast"
spare = { size = 3 }
[[wheels]]
size = 1
[[wheels]]
size = 2
maker = "Ann"
"""
    assert read(text) == Cart(
        name="hay",
        tags=("a", "b"),
        engine=Engine(speed=Speed.FAST, spare=Wheel(size=3)),
        wheels=(Wheel(size=1), Wheel(size=2, maker="Ann")),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nmae = 1", "cart.toml:1: nmae: found an unknown key, expected one of name, open, engine, wheels, tags, horn"),
        ("\nname = 1", "cart.toml:2: name: found 1, expected a text"),
        ("open = 1", "cart.toml:1: open: found 1, expected true or false"),
        ("engine = 1", "cart.toml:1: engine: found 1, expected a table"),
        ("[engine]\nspeed = 'x'", "cart.toml:2: engine.speed: found 'x', expected one of slow, fast"),
        ("[engine]\nfuel = 'x'", "cart.toml:2: engine.fuel: found 'x', expected one of wind, sun"),
        ("engine.fuel = 'x'", "cart.toml:1: engine.fuel: found 'x', expected one of wind, sun"),
        ("'name' = 1", "cart.toml:1: name: found 1, expected a text"),
        ("tags = 'a'", "cart.toml:1: tags: found 'a', expected a list, each of it a text"),
        ("tags = ['a',\n1]", "cart.toml:1: tags: found ['a', 1], expected a list, each of it a text"),
        ("wheels = 1", "cart.toml:1: wheels: found 1, expected a list of tables"),
        ("wheels = [1]", "cart.toml:1: wheels[0]: found 1, expected a table"),
        ("[[wheels]]\nsize=1\n\n[[wheels]]", "cart.toml:4: wheels[1].size: found nothing, expected a value"),
        ("[[wheels]]\nsize=1\n[[wheels]]\nsize=0", "cart.toml:4: wheels[1].size: found 0, expected a size, at least 1"),
        ("[engine.spare]\nsize=true", "cart.toml:2: engine.spare.size: found True, expected a size, at least 1"),
        (
            "[[wheels]]\nsize=1\nmaker='nobody'",
            "cart.toml:1: wheels[0]: found values that do not fit, expected somebody made it",
        ),
    ],
)
def test_a_mistake_names_its_place_and_what_fits(text: str, said: str) -> None:
    assert wrong(text) == [said]


def test_all_mistakes_are_told_at_once_in_the_order_of_their_lines() -> None:
    said = wrong("open = 1\n[[wheels]]\n[engine]\nspeed = 2\nfast = 1")
    assert [line.split(": ")[0] for line in said] == ["cart.toml:1", "cart.toml:2", "cart.toml:4", "cart.toml:5"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = ", "cart.toml: file: found what is none (Invalid value (at end of document)), expected TOML"),
        ("\na = x", "cart.toml:2: file: found what is none (Invalid value), expected TOML"),
        ("a = " + "[" * 4000, "cart.toml: file: found what is none (lists or tables within one another without end)"),
        ("a = " + "9" * 5000, "cart.toml: file: found what is none (Exceeds the limit"),
    ],
)
def test_what_is_no_toml_says_where(text: str, said: str) -> None:
    [told] = wrong(text)
    assert told.startswith(said)


def test_a_number_that_cannot_be_written_is_named_all_the_same() -> None:
    assert wrong(f"name = 0x{'f' * 5000}") == ["cart.toml:1: name: found a number without end, expected a text"]


def test_what_only_shows_together_is_checked_when_all_values_are_good() -> None:
    def check(cart: Cart) -> Iterable[Problem]:
        yield Problem(key="engine.speed", found="fast", expected="slow with these wheels")

    with pytest.raises(WrongConfig) as caught:
        read_tables(Cart, "[engine]\nspeed = 'fast'", "cart.toml", check)
    assert caught.value.lines() == ["cart.toml:2: engine.speed: found fast, expected slow with these wheels"]


def test_a_password_in_an_address_is_not_repeated() -> None:
    assert wrong("open = 'redis://:hush@h:1/0'") == [
        "cart.toml:1: open: found 'redis://…@h:1/0', expected true or false"
    ]


def test_the_value_of_an_unknown_key_is_not_repeated() -> None:
    [said] = wrong("secret = 'hush'")
    assert "hush" not in said
    assert "ROOMSERVER_TOKEN_SECRET" in said


PIECES = st.sampled_from(["[", "]", "wheels", "size", "\n", "=", "1", ".", "'", "{", "}"])


@given(st.text(max_size=80) | st.lists(PIECES).map("".join))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(WrongConfig):
        read(text)


def test_a_table_or_a_text_is_taken_where_both_fit() -> None:
    assert read('horn = "loud"').horn == "loud"
    assert read("horn = { size = 2 }").horn == Wheel(size=2)
    assert wrong("horn = 3") == ["cart.toml:1: horn: found 3, expected a text or a table"]
