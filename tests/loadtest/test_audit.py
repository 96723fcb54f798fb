from hypothesis import given
from hypothesis import strategies as st

from loadtest.audit import Tally, ViewerAudit
from loadtest.protocol import Position
from loadtest.roomlog import RoomLog

START = Position("e", 0)


def viewer(log: RoomLog | None = None, start: Position = START) -> ViewerAudit:
    audit = ViewerAudit(log or RoomLog())
    audit.joined(start)
    return audit


def hear(audit: ViewerAudit, *offsets: int) -> Tally:
    for offset in offsets:
        audit.heard(offset, (f"id{offset}",), float(offset))
    audit.settle()
    return audit.tally


def faults(tally: Tally) -> tuple[int, int, int]:
    return tally.lost, tally.doubled, tally.reordered


def test_a_whole_stream_is_clean() -> None:
    tally = hear(viewer(), 1, 2, 3)
    assert tally.clean
    assert tally.batches == 3


def test_what_was_said_before_the_join_is_not_owed() -> None:
    assert hear(viewer(start=Position("e", 40)), 41, 42).clean


def test_a_lost_batch_is_caught() -> None:
    assert faults(hear(viewer(), 1, 4, 5)) == (2, 0, 0)


def test_a_doubled_batch_is_caught() -> None:
    assert faults(hear(viewer(), 1, 2, 2, 3)) == (0, 1, 0)


def test_a_late_batch_is_reordered_and_not_lost() -> None:
    assert faults(hear(viewer(), 1, 3, 2, 4)) == (0, 0, 1)


def test_a_late_batch_that_comes_twice_is_reordered_and_doubled() -> None:
    assert faults(hear(viewer(), 1, 3, 2, 2)) == (0, 1, 1)


def test_a_batch_before_the_reply_to_the_join_is_caught() -> None:
    audit = ViewerAudit(RoomLog())
    assert faults(hear(audit, 1)) == (0, 1, 0)


def test_an_event_that_only_one_viewer_got_is_lost_to_the_other() -> None:
    log = RoomLog()
    viewer(log).heard(1, ("a", "b"), 0.0)
    poorer = viewer(log)
    poorer.heard(1, ("a",), 0.0)
    assert faults(poorer.tally) == (1, 0, 0)


def test_an_event_twice_in_one_viewers_batch_is_doubled() -> None:
    log = RoomLog()
    viewer(log).heard(1, ("a", "b"), 0.0)
    richer = viewer(log)
    richer.heard(1, ("a", "b", "b"), 0.0)
    assert faults(richer.tally) == (0, 1, 0)


def test_events_in_another_order_than_the_others_got_are_reordered() -> None:
    log = RoomLog()
    viewer(log).heard(1, ("a", "b"), 0.0)
    other = viewer(log)
    other.heard(1, ("b", "a"), 0.0)
    assert faults(other.tally) == (0, 0, 1)


def test_a_recovery_without_a_gap_is_clean() -> None:
    audit = viewer()
    hear(audit, 1, 2)
    audit.resumed(Position("e", 4), recovered=True, batches=[(3, ("id3",), 9.0), (4, ("id4",), 9.0)])
    assert hear(audit, 5).clean


def test_a_recovery_that_repeats_a_batch_is_caught() -> None:
    audit = viewer()
    hear(audit, 1, 2)
    audit.resumed(Position("e", 3), recovered=True, batches=[(2, ("id2",), 9.0), (3, ("id3",), 9.0)])
    assert faults(audit.tally) == (0, 1, 0)


def test_a_recovery_that_hides_a_batch_is_caught() -> None:
    audit = viewer()
    hear(audit, 1, 2)
    audit.resumed(Position("e", 4), recovered=True, batches=[(3, ("id3",), 9.0)])
    assert faults(audit.tally) == (1, 0, 0)


def test_a_declared_gap_is_counted_and_is_no_fault() -> None:
    audit = viewer()
    hear(audit, 1, 2)
    audit.resumed(Position("e", 9), recovered=False, batches=[])
    tally = hear(audit, 10)
    assert tally.clean
    assert (tally.gaps, tally.missed) == (1, 7)


def test_a_new_epoch_is_a_declared_gap_of_unknown_size() -> None:
    audit = viewer()
    hear(audit, 1, 2)
    audit.resumed(Position("f", 1), recovered=False, batches=[])
    tally = hear(audit, 2)
    assert tally.clean
    assert (tally.gaps, tally.missed) == (1, 0)


def test_a_recovery_claimed_over_a_new_epoch_is_caught() -> None:
    audit = viewer()
    hear(audit, 1)
    audit.resumed(Position("f", 1), recovered=True, batches=[])
    assert faults(audit.tally) == (1, 0, 0)


def test_what_the_room_said_last_is_owed_too() -> None:
    log = RoomLog()
    hear(viewer(log), 1, 2, 3)
    cut_short = viewer(log)
    hear(cut_short, 1, 2)
    cut_short.finish()
    assert faults(cut_short.tally) == (1, 0, 0)
    assert not cut_short.tally.conserved


def test_what_was_owed_was_received_or_declared_as_missing() -> None:
    audit = viewer(start=Position("e", 3))
    hear(audit, 4, 5)
    audit.resumed(Position("e", 9), recovered=False, batches=[])
    hear(audit, 10)
    audit.finish()
    assert (audit.tally.owed, audit.tally.received, audit.tally.missed) == (7, 3, 4)
    assert audit.tally.conserved


def test_a_gap_that_is_declared_too_small_is_not_conserved() -> None:
    audit = viewer()
    hear(audit, 1)
    audit.resumed(Position("e", 5), recovered=False, batches=[])
    audit.tally.missed -= 1
    assert not hear(audit, 6).conserved


def test_who_stands_aside_does_not_count_for_the_last_viewer() -> None:
    log = RoomLog()
    log.expect("id1", 0.0, 0.0)
    viewer(log).heard(1, ("id1",), 1.0)
    slow = viewer(log)
    slow.aside = True
    slow.heard(1, ("id1",), 60.0)
    log.close()
    assert log.to_last.longest == 1.0


@given(st.lists(st.integers(min_value=1, max_value=30)))
def test_only_the_whole_stream_in_order_is_clean(offsets: list[int]) -> None:
    assert hear(viewer(), *offsets).clean == (offsets == list(range(1, len(offsets) + 1)))


@given(st.sets(st.integers(min_value=1, max_value=30), min_size=1))
def test_lost_are_exactly_those_before_the_last_that_never_came(offsets: set[int]) -> None:
    expected = set(range(1, max(offsets) + 1)) - offsets
    assert faults(hear(viewer(), *sorted(offsets))) == (len(expected), 0, 0)


@given(st.permutations(range(1, 9)))
def test_a_shuffled_stream_loses_only_what_came_after_nothing(offsets: list[int]) -> None:
    tally = hear(viewer(), *offsets)
    assert tally.lost == 0
    assert tally.doubled == 0
    assert tally.reordered + len([at for index, at in enumerate(offsets) if at == max(offsets[: index + 1])]) == 8


def test_tallies_add_up() -> None:
    whole = Tally(lost=1, doubled=2, reordered=3, gaps=4, missed=5, batches=6, owed=7, received=8)
    whole.add(Tally(lost=1, doubled=1, reordered=1, gaps=1, missed=1, batches=1, owed=1, received=1))
    assert whole == Tally(lost=2, doubled=3, reordered=4, gaps=5, missed=6, batches=7, owed=8, received=9)
