from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from media.gaps import AGAIN_SECONDS, MOST, TRIES, Gaps


def after(*sequences: int) -> Gaps:
    gaps = Gaps()
    for sequence in sequences:
        gaps.take(sequence & 0xFFFF)
    return gaps


def test_nothing_is_missing_in_a_line() -> None:
    assert after(0xFFFE, 0xFFFF, 0, 1).due(0.0) == []


def test_what_was_left_out_is_asked_for_also_across_the_wrap() -> None:
    assert after(0xFFFE, 1).due(0.0) == [0xFFFF, 0]


def test_what_came_late_is_missing_no_more() -> None:
    gaps = after(1, 4, 2)
    assert gaps.due(0.0) == [3]
    gaps.take(3)
    assert not gaps.waiting


def test_it_is_asked_for_again_after_a_while_and_given_up_at_last() -> None:
    gaps, now, asked = after(1, 3), 0.0, 0
    while gaps.waiting:
        asked += len(gaps.due(now))
        assert gaps.due(now + AGAIN_SECONDS / 2) == [] or not gaps.waiting
        now += 1.01 * AGAIN_SECONDS
    assert asked == TRIES


def test_who_lost_too_much_is_asked_for_nothing() -> None:
    gaps = after(0, MOST + 2)
    assert gaps.due(0.0) == []
    assert gaps.overrun == 1


@given(st.lists(st.integers(0, 0xFFFF), max_size=200))
def test_what_is_missing_is_bounded(sequences: list[int]) -> None:
    assert len(after(*sequences).due(0.0)) <= MOST


@given(st.integers(0, 0xFFFF), st.sets(st.integers(1, 60)))
def test_exactly_what_did_not_come_is_asked_for(start: int, lost: set[int]) -> None:
    gaps = after(*(start + step for step in range(62) if step not in lost))
    assert set(gaps.due(0.0)) == {(start + step) & 0xFFFF for step in lost}
