import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtest import svg
from loadtest.svg import Scale

SERIES = {"a <b>": [(0.0, 1.0), (1.0, 100.0)], "c": [(0.0, 0.0), (1.0, 3.0)], "empty": []}


def texts(figure: str) -> list[str]:
    return [one.text or "" for one in ET.fromstring(figure).iter("text")]


@pytest.mark.parametrize("log_y", [False, True])
def test_lines_are_well_formed_and_named(log_y: bool) -> None:
    figure = svg.lines("A & B", SERIES, x="seconds", y="ms", log_y=log_y)
    assert {"a <b>", "c", "seconds", "ms"} <= set(texts(figure))
    assert "empty" not in texts(figure)
    assert "A &amp; B" in figure


def test_marks_stand_in_for_numbers() -> None:
    figure = svg.lines("t", {"a": [(0.0, 1.0), (2.0, 2.0)]}, x="x", y="y", marks={1.0: "ninety", 5.0: "outside"})
    assert "ninety" in texts(figure)
    assert "outside" not in texts(figure)


def test_bars_show_name_and_number() -> None:
    assert texts(svg.bars("t", [("one", 3.0, "3 µs"), ("two", 0.0, "0 µs")])) == ["one", "3 µs", "two", "0 µs"]


def test_nothing_to_draw_is_no_figure() -> None:
    assert svg.lines("t", {"a": []}, x="x", y="y") == svg.bars("t", []) == ""


def test_a_scale_has_round_ticks() -> None:
    assert Scale(low=0, high=95, start=0, end=1).ticks() == [0, 20, 40, 60, 80]
    assert Scale(low=0.1, high=100, start=0, end=1, logarithmic=True).ticks() == [0.1, 1, 10, 100]


@given(st.floats(min_value=-1e9, max_value=1e9), st.booleans())
def test_everything_stands_within_the_chart(value: float, logarithmic: bool) -> None:
    assert 10 <= Scale(low=0.1, high=1000, start=10, end=20, logarithmic=logarithmic).at(value) <= 20
