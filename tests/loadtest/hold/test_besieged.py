from collections import Counter

import pytest

from loadtest.compare.goals import Case, Figures
from loadtest.haul import report_of
from loadtest.hold.attacks import Kind
from loadtest.hold.besieged import siege_figures
from loadtest.hold.peers import Trouble
from loadtest.hold.rows import FLOOD, SLOW
from loadtest.recording import Recording

REPORT = report_of("storm", 10, 16.0, [Recording().haul()])


def figures(
    kind: Kind, ended: dict[int, int], *, came: int = 100, grown: int | None = 6400, seconds: float = 16.0
) -> Figures:
    made = Trouble(peers=100, came=set(range(came)), opened=200, bytes_sent=1024 * 1600, ended=Counter(ended))
    return siege_figures(kind, REPORT, made, grown=grown, seconds=seconds)


def test_memory_is_shared_out_among_the_peers() -> None:
    found = figures(Kind.PINGS, {3013: 100})
    assert (found["kib_per_peer"], found["sent_kib_per_second"], found["ended_by_rule"]) == (64.0, 100.0, 100)
    assert (found["came"], found["came_share"]) == (100, 1.0)


def test_who_did_not_come_has_cost_nothing() -> None:
    found = figures(Kind.SLOW, {}, came=50)
    assert (found["kib_per_peer"], found["came_share"]) == (128.0, 0.5)


def test_memory_that_nobody_could_look_at_is_not_little() -> None:
    assert not {"kib_per_peer", "kib_grown"} & figures(Kind.SLOW, {}, grown=None).keys()


@pytest.mark.parametrize(
    ("kind", "ended", "seconds", "by_rule"),
    [
        (Kind.PIECES, {1009: 3, 3013: 2, 0: 9}, 16.0, 12),
        (Kind.PINGS, {1009: 3, 3013: 2, 0: 9}, 16.0, 2),
        (Kind.SILENT, {0: 9, 1009: 1}, 16.0, 9),
        (Kind.SILENT, {}, 8.0, None),
        (Kind.SLOW, {3008: 1}, 16.0, None),
    ],
)
def test_only_the_close_that_is_due_counts(
    kind: Kind, ended: dict[int, int], seconds: float, by_rule: int | None
) -> None:
    assert figures(kind, ended, seconds=seconds).get("ended_by_rule") == by_rule


def verdicts(p99: float, kib: float, ended: float, came: float = 1.0) -> set[str]:
    cases = {entry.name: Case(name=entry.name, label="") for row in (SLOW, FLOOD) for entry in row.entries}
    for name, case in cases.items():
        attacked = name not in ("nobody", "reading")
        case.rounds.append(
            {
                "last_p99_ms": p99 if attacked else 50.0,
                "kib_per_peer": kib,
                "ended_by_rule": ended,
                "closed": 0,
                "came_share": came,
            }
        )
    goals = [*SLOW.goals, *FLOOD.goals]
    return {goal.figure for goal in goals if goal.judge(cases).reached is not True}


def test_what_is_planted_is_missed() -> None:
    assert verdicts(99.0, 64.0, 1) == set()
    assert verdicts(101.0, 64.0, 1) == {"last_p99_ms"}
    assert verdicts(99.0, 64.1, 1) == {"kib_per_peer"}
    assert verdicts(99.0, 64.0, 0) == {"ended_by_rule"}
    assert verdicts(99.0, 64.0, 1, came=0.89) == {"came_share"}
