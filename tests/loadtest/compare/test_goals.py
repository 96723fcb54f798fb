import pytest

from loadtest.compare.goals import Case, Goal, RowResult

OURS = Case(name="ours", label="Ours", rounds=[{"cpu": 1.0}, {"cpu": 4.0}, {"cpu": 3.0}])
PEER = Case(name="peer", label="Peer", rounds=[{"cpu": 2.0}, {"cpu": 16.0}, {"cpu": 4.0}])
CASES = {"ours": OURS, "peer": PEER}


def test_a_ratio_is_taken_in_each_round_and_then_the_middle() -> None:
    verdict = Goal(text="t", figure="cpu", of="ours", to="peer", bound=0.5).judge(CASES)
    assert verdict.values == (0.5, 0.25, 0.75)
    assert (verdict.median, verdict.reached) == (0.5, True)


@pytest.mark.parametrize(
    ("bound", "at_least", "reached"),
    [(3.0, False, True), (2.9, False, False), (3.1, True, False)],
)
def test_a_figure_by_itself_is_held_to_its_bound(bound: float, at_least: bool, reached: bool) -> None:
    assert Goal(text="t", figure="cpu", of="ours", bound=bound, at_least=at_least).judge(CASES).reached is reached


def test_what_was_not_measured_is_neither_reached_nor_missed() -> None:
    left_out = {"ours": OURS, "peer": Case(name="peer", label="Peer", skipped="not installed")}
    assert Goal(text="t", figure="cpu", of="ours", to="peer", bound=1).judge(left_out).reached is None


def test_an_audits_fault_makes_a_row_unsound() -> None:
    row = RowResult(name="r", title="t", columns=("cpu",), cases=[OURS], goals=[])
    assert row.sound
    faulty = Case(name="x", label="X", rounds=[{"cpu": 1.0}], faults=["1 lost"])
    assert not RowResult(name="r", title="t", columns=("cpu",), cases=[OURS, faulty], goals=[]).sound
    theirs = Case(name="x", label="X", peer=True, rounds=[{"cpu": 1.0}], faults=["1 lost"])
    assert RowResult(name="r", title="t", columns=("cpu",), cases=[OURS, theirs], goals=[]).sound
    assert faulty.as_dict()["medians"] == {"cpu": 1.0}


def test_rounds_with_batches_of_other_sizes_do_not_count() -> None:
    ours = Case(name="ours", label="", rounds=[{"cpu": 1.0, "size": 20.0}, {"cpu": 1.0, "size": 20.0}])
    peer = Case(name="peer", label="", rounds=[{"cpu": 2.0, "size": 60.0}, {"cpu": 4.0, "size": 21.0}])
    goal = Goal(text="t", figure="cpu", of="ours", to="peer", bound=1.0, alike="size")
    assert goal.values({"ours": ours, "peer": peer}) == [0.25]
