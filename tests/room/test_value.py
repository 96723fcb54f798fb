"""A value is a frozen dataclass to the type checker, and made as fast as an open one."""

from dataclasses import fields, replace

import pytest

from room.value import value


@value(frozen=True, slots=True, kw_only=True)
class Point:
    x: int
    y: int = 0


def test_values_are_compared_and_hashed_by_what_they_hold() -> None:
    assert Point(x=1) == Point(x=1, y=0) != Point(x=2)
    assert len({Point(x=1), Point(x=1), Point(x=2)}) == 2


def test_a_value_is_a_dataclass_with_slots() -> None:
    assert [one.name for one in fields(Point)] == ["x", "y"]
    assert replace(Point(x=1), y=2) == Point(x=1, y=2)
    assert not hasattr(Point(x=1), "__dict__")


def test_a_value_that_may_change_is_none() -> None:
    with pytest.raises(AssertionError):
        value(frozen=False, slots=True)(Point)
