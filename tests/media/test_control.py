from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.backend import Answer, Gone, Patched, Playing, Published, Quality, Reason, Rejected, Unpublished
from media.control import Call, Said, line, named, read_call, read_said, refusal, unnamed

VALUES = [
    Answer(sdp="v=0\r\n", session="s", etag='"t"'),
    Patched(fragment=None, etag=None),
    Patched(fragment="a=x", etag='"t"'),
    Published(room="r", member="m", slot="main", session="s"),
    Unpublished(room="r", member="m", slot="main", session="s", reason="lost"),
    Playing(room="r", member="m", session="s"),
    Gone(room="r", member="m", session="s", reason="closed"),
    Quality(room="r", member="m", slot="main", level="poor", loss=0.25, bitrate=7),
]


@pytest.mark.parametrize("value", VALUES)
def test_what_is_said_is_heard(value: Answer) -> None:
    sent = line(Said(id=7, gave=named(value)))
    assert sent.count(b"\n") == 1, "a line"
    assert unnamed(read_said(sent).gave or {}) == value


def test_nothing_is_heard_as_nothing() -> None:
    assert unnamed(named(None)) is None


@given(st.text(), st.text())
def test_any_text_fits_into_a_line(room: str, sdp: str) -> None:
    call = Call(id=1, call="publish", arguments={"room": room, "sdp": sdp})
    assert read_call(line(call)) == call


def test_a_rejection_keeps_its_reason() -> None:
    said = refusal(Rejected(Reason.NOT_LIVE, "not yet", retry_after=2))
    assert (said.reason, said.detail, said.retry_after) == ("not_live", "not yet", 2)


@given(st.binary(max_size=60))
def test_anything_else_is_a_value_error(data: bytes) -> None:
    for read in (read_call, read_said):
        try:
            read(data)
        except ValueError:
            continue
