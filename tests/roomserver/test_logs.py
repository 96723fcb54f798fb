"""Logs: one line each, whatever is logged."""

import io
import json
import logging
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roomserver.logs import JsonLines, Readable


def record(text: str, **extra: object) -> logging.LogRecord:
    made = logging.LogRecord("roomserver.x", logging.WARNING, "x.py", 1, text, (), None)
    made.__dict__.update(extra)
    return made


def test_a_record_is_one_json_object_with_its_extras() -> None:
    said = json.loads(JsonLines().format(record("draining", connections=3, room="demo")))
    assert said.pop("at").endswith("+00:00")
    assert said == {"level": "warning", "logger": "roomserver.x", "event": "draining", "connections": 3, "room": "demo"}


def test_extras_cannot_replace_what_the_log_itself_says() -> None:
    assert json.loads(JsonLines().format(record("a", event="b", level="c")))["event"] == "a"


def test_a_trace_stays_in_its_object() -> None:
    try:
        raise ValueError("no\nway")
    except ValueError:
        made = record("failed")
        made.exc_info = sys.exc_info()
    line = JsonLines().format(made)
    assert "\n" not in line
    assert "ValueError: no\nway" in json.loads(line)["error"]


@given(st.text(), st.text() | st.integers() | st.none())
def test_a_json_line_is_one_line_of_ascii(text: str, value: object) -> None:
    line = JsonLines().format(record(text.replace("%", ""), who=value))
    assert line.isascii()
    assert line.isprintable()


@given(st.text(), st.text())
def test_a_readable_line_is_one_line_that_moves_no_cursor(text: str, value: str) -> None:
    assert Readable().format(record(text.replace("%", ""), who=value)).isprintable()


def test_a_readable_line_is_short() -> None:
    line = Readable().format(record("draining", connections=3, name_of="小满\x1b[2J\u202e"))
    assert line[8:] == " warning draining connections=3 name_of=小满\\x1b[2J\\u202e"


@pytest.mark.parametrize("text", ["\ud800", "é"])
def test_a_stream_that_takes_only_ascii_is_enough(text: str) -> None:
    written = io.BytesIO()
    stream = io.TextIOWrapper(written, encoding="ascii", errors="strict")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    handler.handle(record(text))
    handler.flush()
    assert json.loads(written.getvalue())["event"] == text
