"""What no store could keep is refused before it is asked, and names the fault."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from room.change import Claim, Counter, Due, Score
from roomserver.store import Write
from roomserver.store_limits import BODY, CHANGES, NUMBER, PARTS, check, parse_record_id, too_large

WRITE = Write(
    subject="m:ada",
    id="c1",
    version=0,
    body=b"{}",
    claims=(Claim(name="gift", take=1, stock=9),),
    appends=(("points", b"+5"),),
    counters=(Counter(name="today", add=1),),
    scores=(Score(board="streak", value=1.0), Score(board="old", value=None)),
    due=(Due(what="tier", at=5), Due(what="old", at=None)),
)


def test_a_change_of_all_parts_is_fine() -> None:
    check({"demo": [WRITE], "other": [WRITE]})


@pytest.mark.parametrize("name", ["", "two words", "line\n", "\x00"])
def test_names_that_a_key_cannot_carry_are_refused_wherever_they_stand(name: str) -> None:
    wrong = [
        replace(WRITE, subject=name),
        replace(WRITE, id=name),
        replace(WRITE, claims=(Claim(name=name, take=1, stock=9),)),
        replace(WRITE, appends=((name, b""),)),
        replace(WRITE, counters=(Counter(name=name, add=1),)),
        replace(WRITE, scores=(Score(board=name, value=1.0),)),
        replace(WRITE, due=(Due(what=name, at=5),)),
    ]
    for one in wrong:
        with pytest.raises(ValueError, match="no name"):
            check({"demo": [one]})


@pytest.mark.parametrize("room", ["", "a}b", "a\nb"])
def test_a_room_that_a_key_cannot_carry_is_refused(room: str) -> None:
    with pytest.raises(ValueError, match="no room"):
        check({room: [WRITE]})


@pytest.mark.parametrize("number", [NUMBER + 1, -NUMBER - 1])
def test_numbers_that_a_double_does_not_count_are_refused(number: int) -> None:
    wrong = [
        replace(WRITE, version=abs(number)),
        replace(WRITE, claims=(Claim(name="gift", take=abs(number), stock=9),)),
        replace(WRITE, claims=(Claim(name="gift", take=1, stock=abs(number)),)),
        replace(WRITE, counters=(Counter(name="today", add=number),)),
        replace(WRITE, due=(Due(what="tier", at=number),)),
    ]
    for one in wrong:
        with pytest.raises(ValueError, match="beyond"):
            check({"demo": [one]})


def test_what_is_never_negative_is_not() -> None:
    for one in (
        replace(WRITE, version=-1),
        replace(WRITE, claims=(Claim(name="gift", take=-1, stock=9),)),
        replace(WRITE, claims=(Claim(name="gift", take=1, stock=-9),)),
    ):
        with pytest.raises(ValueError, match="negative"):
            check({"demo": [one]})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_score_is_a_number(value: float) -> None:
    with pytest.raises(ValueError, match="no number"):
        check({"demo": [replace(WRITE, scores=(Score(board="streak", value=value),))]})


def test_a_commit_has_a_bounded_number_of_changes_of_different_subjects() -> None:
    many = [replace(WRITE, subject=f"m:{n}") for n in range(CHANGES + 1)]
    check({"demo": many[1:]})
    with pytest.raises(ValueError, match="more than"):
        check({"demo": many})
    with pytest.raises(ValueError, match="two Changes"):
        check({"demo": [WRITE, WRITE]})


def test_a_part_may_be_too_large() -> None:
    assert not too_large(replace(WRITE, body=b"x" * BODY, counters=[*WRITE.counters] * PARTS))
    assert too_large(replace(WRITE, body=b"x" * (BODY + 1)))
    assert too_large(replace(WRITE, outbox=b"x" * (BODY + 1)))
    assert too_large(replace(WRITE, appends=(("points", b"x" * (BODY + 1)),)))
    assert too_large(replace(WRITE, counters=[*WRITE.counters] * (PARTS + 1)))


@pytest.mark.parametrize(("text", "place"), [("5", (5, 0)), ("5-7", (5, 7)), (f"{2**64 - 1}-0", (2**64 - 1, 0))])
def test_a_record_id_is_a_place(text: str, place: tuple[int, int]) -> None:
    assert parse_record_id(text) == place


@pytest.mark.parametrize("text", ["", "-", "a-1", "1-b", "-1", "1--1", "٥-1", f"{2**64}"])
def test_what_is_no_record_id_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no id"):
        parse_record_id(text)


@given(st.text() | st.from_regex(r"[0-9]{1,25}(-[0-9]{1,25})?", fullmatch=True))
def test_a_records_id_is_two_numbers_or_nothing(text: str) -> None:
    try:
        at, count = parse_record_id(text)
    except ValueError:
        return
    assert 0 <= min(at, count) <= max(at, count) < 2**64
    assert text.partition("-")[0].isascii()
