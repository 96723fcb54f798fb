from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.hooks import Asked, read

MEDIAMTX = {
    "user": "", "password": "", "token": "", "ip": "192.0.2.1", "action": "publish", "path": "live/tea",
    "protocol": "webrtc", "id": "8b2a-4c", "query": "token=abc&x=1",
}  # fmt: skip
SRS = {
    "action": "on_publish", "client_id": "9308h583", "ip": "192.0.2.1", "vhost": "v", "app": "live",
    "stream": "tea", "param": "?token=abc",
}  # fmt: skip


def asked(body: Mapping[str, object], **more: object) -> Asked:
    return read(json.dumps({**body, **more}).encode())


def test_mediamtx_asks_before_a_client_publishes_or_reads() -> None:
    expected = Asked(publishes=True, begins=True, room="tea", ticket="abc", session="8b2a-4c")
    assert asked(MEDIAMTX) == expected
    assert asked(MEDIAMTX, action="read").publishes is False
    assert asked(MEDIAMTX, id=None).session is None
    assert asked(MEDIAMTX, query="", token="bearer").ticket == "bearer"


def test_srs_asks_and_tells() -> None:
    assert asked(SRS) == Asked(publishes=True, begins=True, room="tea", ticket="abc", session="9308h583")
    told = {action: asked(SRS, action=action) for action in ("on_unpublish", "on_play", "on_stop")}
    assert [(one.publishes, one.begins) for one in told.values()] == [(True, False), (False, True), (False, False)]
    assert asked(SRS, client_id=1985).session == "1985"


@pytest.mark.parametrize("param", ["token=abc", "?token=abc&x=1", "token%3Dabc", "x%3D1%2B1%26token%3Dabc%26y"])
def test_mediamtx_tells_by_a_command_whose_query_is_encoded_as_a_whole(param: str) -> None:
    """`MTX_QUERY`, from 1.18.1 on; before, as it was in the address."""
    assert asked(SRS, action="on_unpublish", param=param).ticket == "abc"


def test_a_session_whose_name_could_be_an_address_has_none() -> None:
    assert asked(SRS, client_id="../../v3/config").session is None


@pytest.mark.parametrize("action", ["api", "metrics", "on_connect", ""])
def test_nothing_else_is_asked(action: str) -> None:
    with pytest.raises(ValueError, match="action"):
        asked(MEDIAMTX, action=action)


def test_lists_within_lists_without_end_are_a_value_error_too() -> None:
    with pytest.raises(ValueError, match="without end"):
        read(b'{"action": "publish", "more": ' + b"[" * 30_000 + b"]" * 30_000 + b"}")


@given(st.binary(max_size=200))
def test_anything_else_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # of whichever kind
        read(body)


@given(st.text(max_size=50), st.text(max_size=50), st.text(max_size=50))
def test_no_words_confuse_it(path: str, query: str, name: str) -> None:
    assert asked(MEDIAMTX, path=path, query=query, id=name).begins
