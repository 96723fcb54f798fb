"""A room's log: whole recovery or none."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from roomserver.ring import Ring


def test_who_missed_some_batches_gets_exactly_those() -> None:
    ring = Ring("e")
    for data in (b"a", b"b", b"c"):
        ring.append(data)
    missed = ring.since("e", 1)
    assert missed is not None
    assert [(entry.offset, entry.data) for entry in missed] == [(2, b"b"), (3, b"c")]


def test_who_missed_nothing_gets_nothing() -> None:
    ring = Ring("e")
    ring.append(b"a")
    assert ring.since("e", 1) == []


def test_another_epoch_is_refused_even_at_the_same_offset() -> None:
    ring = Ring("e")
    ring.append(b"a")
    assert ring.since("other", 1) is None


def test_a_position_ahead_of_the_log_is_refused() -> None:
    assert Ring("e").since("e", 1) is None


def test_the_log_keeps_its_promise_of_batches() -> None:
    ring = Ring("e")
    for _ in range(1000):
        ring.append(b"x")
    assert ring.since("e", 1000 - 256) is not None
    assert ring.since("e", 1000 - 257) is None


def test_the_log_is_bounded_in_bytes_but_keeps_its_newest() -> None:
    ring = Ring("e", size=10)
    ring.append(b"x" * 100)
    assert [entry.offset for entry in ring.entries()] == [1]
    ring.append(b"y" * 100)
    assert [entry.offset for entry in ring.entries()] == [2]


def test_a_log_that_is_just_full_keeps_all_of_it() -> None:
    ring = Ring("e", size=10)
    for data in (b"12345", b"67890"):
        ring.append(data)
    assert [entry.offset for entry in ring.entries()] == [1, 2]
    ring.append(b"1")
    assert [entry.offset for entry in ring.entries()] == [2, 3]


@given(st.lists(st.binary(max_size=8), max_size=40), st.integers(0, 45), st.integers(1, 10), st.integers(1, 60))
def test_recovery_is_whole_or_refused(batches: list[bytes], offset: int, most: int, size: int) -> None:
    ring = Ring("e", batches=most, size=size)
    for data in batches:
        ring.append(data)
    missed = ring.since("e", offset)
    if missed is not None:
        assert [entry.offset for entry in missed] == list(range(offset + 1, len(batches) + 1))
        assert [entry.data for entry in missed] == batches[offset:]


def test_what_many_recover_is_put_together_once_until_the_next_batch() -> None:
    ring = Ring("e")
    for data in (b"1", b"2", b"3"):
        ring.append(data)
    first = ring.recovered("e", 1)
    assert first is not None
    assert [(one.offset, one.data) for one in first.publications] == [(2, b"2"), (3, b"3")]
    assert all(ring.recovered("e", 1) is first for _ in range(5000))
    assert ring.answers == 1
    assert ring.recovered("f", 1) is None
    assert ring.recovered("e", 4) is None
    ring.append(b"4")
    later = ring.recovered("e", 1)
    assert later is not None
    assert len(later.publications) == 3


def test_what_is_forgotten_is_a_gap_for_who_missed_it_and_nothing_for_the_others() -> None:
    ring = Ring("e")
    for data in (b"a", b"b"):
        ring.append(data)
    assert ring.recovered("e", 1) is not None
    ring.forget()
    assert (ring.since("e", 1), ring.recovered("e", 1), ring.since("e", 2)) == (None, None, [])
    ring.append(b"c")
    missed = ring.since("e", 2)
    assert missed is not None
    assert [(entry.offset, entry.data) for entry in missed] == [(3, b"c")]
    assert ring.since("e", 1) is None
