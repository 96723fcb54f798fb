"""What the pre-publish hook is asked, and what is made of whatever comes back."""

from __future__ import annotations

from contextlib import suppress

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from room.people import Role, User
from roomserver.question import REASON, Answer, Question, plain, read, written
from roomserver.webhook_post import NoAnswer

ADA = User(id="ada", name="Ada", tier=3)


def test_a_request_says_who_says_what_where() -> None:
    question = Question(
        room="demo",
        kind="danmaku.send",
        user=ADA,
        role=Role.MODERATOR,
        rehearse=lambda: None,
        decided=lambda _: None,
    )
    assert orjson.loads(written("ask.1", 7, [(question, "hello")])) == {
        "id": "ask.1",
        "at": 7,
        "messages": [
            {
                "room": "demo",
                "type": "danmaku.send",
                "user": {"id": "ada", "name": "Ada", "tier": 3, "role": "moderator"},
                "text": "hello",
            }
        ],
    }


def test_answers_come_in_the_order_of_the_questions_and_may_hold_more() -> None:
    body = b'{"answers": [{"allow": true}, {"allow": false, "reason": "no", "more": 1}], "more": 1}'
    assert read(body, 2) == [Answer(allow=True), Answer(allow=False, reason="no")]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"yes",
        b"[]",
        b"{}",
        b'{"allow": true}',
        b'{"answers": []}',
        b'{"answers": [{"allow": true}, {"allow": true}]}',
        b'{"answers": [{"allow": "true"}]}',
        b'{"answers": [{"allow": true, "reason": 7}]}',
        b"\xff",
        b"[" * 4000,
    ],
)
def test_what_is_no_answer_to_one_question_is_none(body: bytes) -> None:
    with pytest.raises(NoAnswer):
        read(body, 1)


@given(st.binary(max_size=200), st.integers(0, 3))
def test_whatever_comes_back_is_answers_or_none(body: bytes, size: int) -> None:
    with suppress(NoAnswer):
        assert len(read(body, size)) == size


@given(st.text(max_size=3 * REASON))
def test_a_reason_is_one_line_of_what_can_be_printed(reason: str) -> None:
    told = plain(reason)
    assert len(told) <= REASON
    assert not told or told.isprintable()
